"""The clocks a playbook sets, in words: how soon to speak, to answer a page, to approve, to tell an authority."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.engine.plan import Plan
from crisis.kernel.durations import roughly
from crisis.playbook.values import Cadence
from crisis.projections.names import Names
from crisis.projections.reasons import in_words

#: How many countries are named before the rest is counted.
_MOST_COUNTRIES = 6


def rules_of(plan: Plan, names: Names, severity: str = "") -> tuple[tuple[str, str], ...]:
    """Name and rule of every clock; of one severity, or of all of them."""
    return (*_of_severities(plan, names, severity), *_approvals(plan), *_legal(plan, names))


def cadence_in_words(cadences: tuple[Cadence, ...]) -> str:
    """`every 1 h until 4 h after the first report, then every 4 h`."""
    parts = [
        f"every {roughly(one.every)}{f' until {roughly(one.until)} after the first report' if one.until else ''}"
        for one in cadences
    ]
    return ", then ".join(parts)


def _of_severities(plan: Plan, names: Names, severity: str) -> Iterator[tuple[str, str]]:
    for level, rule in sorted(plan.severity.items()):
        if severity and level != severity:
            continue
        name = names.severity(level)
        if rule.first_statement is not None:
            cleared = rule.first_statement_cleared
            faster = f" ({roughly(cleared)} with a cleared text)" if cleared else ""
            yield f"{name}, first statement", f"{roughly(rule.first_statement)} after the first report{faster}"
        if rule.update_every:
            yield f"{name}, updates", cadence_in_words(rule.update_every)
        ladder = plan.escalation.get(level)
        for number, rung in enumerate(ladder.ladder if ladder else (), 1):
            within = f", who have {roughly(rung.acknowledge_within)}" if rung.acknowledge_within else ""
            yield f"{name}, page {number}", f"{names.roles(rung.page)}{within}"


def _approvals(plan: Plan) -> Iterator[tuple[str, str]]:
    for name, chain in plan.approvals.items():
        yield f"Approval “{name}”", f"{roughly(chain.within)} to answer, good for {roughly(chain.expires)}"


def _legal(plan: Plan, names: Names) -> Iterator[tuple[str, str]]:
    for planned in plan.clocks:
        clock = planned.clock
        due = "as soon as possible" if clock.due == "asap" else f"within {clock.due}"
        starts = f"starts when {in_words(planned.use.starts_with, names)}"
        met = f", is met when {in_words(planned.use.met_with, names)}" if planned.use.met_with else ""
        where = f"; {_countries(clock.countries)}" if clock.countries else ""
        verify = "; sources disagree, verify with counsel" if clock.verify else ""
        yield clock.title, f"{due}, {starts}{met}{where}{verify} ({clock.source})"
    if plan.clocks and plan.clock_notice:
        yield "Of these deadlines in law", plan.clock_notice


def _countries(countries: tuple[str, ...]) -> str:
    shown = ", ".join(country.upper() for country in countries[:_MOST_COUNTRIES])
    more = len(countries) - _MOST_COUNTRIES
    return f"{shown} and {more} more" if more > 0 else shown
