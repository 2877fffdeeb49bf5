"""The situation report: one screen, plain, in colour, or as Markdown. Reads the brief, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from crisis.adapters.render.bars import bars
from crisis.adapters.render.moments import ago_or_left, clock_time
from crisis.adapters.render.terminal import Row, Section, Tone, laid_out
from crisis.kernel.contacts import most_direct
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.projections.situation import ANSWERS, Brief, moment, outdated, posting_in_words

#: How many of the next steps are shown.
NEXT = 3
#: The longest text of a brief that is shown whole, such as an address.
_LONGEST = 2_000
#: How loud it is said of a text that is not out how far it is.
_TONES: Mapping[str, Tone] = {"approved": "strong", "being posted": "strong", "approval expired": "alarm"}


def report(brief: Brief, zone: tzinfo | None, *, plain: bool = False) -> tuple[Section, ...]:
    """The report of a `situation`, section by section; those with nothing to say are left out.

    `plain`: bars of letters, for a terminal that can show no others.
    """
    now = moment(brief["as_of"])
    assert now is not None  # noqa: S101  # situation() has set it
    see = _Sight(_safe(brief), now, zone)
    sections = (
        Section("", tuple(see.top())),
        Section("Clocks", tuple(see.clocks())),
        Section("Waiting for", tuple(see.waiting())),
        Section("Next", tuple(see.next())),
        Section("NOT POSTED" if brief.get("closed_at") else "NOT POSTED YET", tuple(see.not_posted())),
        Section("Said in public", tuple(see.published())),
        Section("Without a full approval", tuple(see.without_approval())),
        Section("Monitoring", tuple(see.monitoring(plain=plain))),
        Section("Told", tuple(see.told())),
        Section("Stand down when", tuple(see.stand_down())),
        Section("Never", tuple(Row("-", one_line(text), "quiet") for text in brief["do_not"])),
    )
    return tuple(section for section in sections if section.rows)


def _safe(value: Any) -> Any:
    """A part of a brief with every text on one line and nothing hostile in it, whatever is shown of it."""
    match value:
        case str():
            return one_line(value, _LONGEST)
        case list():
            return [_safe(one) for one in value]
        case Mapping():
            return {_safe(key): _safe(one) for key, one in value.items()}
        case _:
            return value


class _Sight:
    def __init__(self, brief: Brief, now: datetime, zone: tzinfo | None) -> None:
        self.brief, self.now, self.zone = brief, now, zone

    def top(self) -> Iterator[Row]:
        brief = self.brief
        known, closed = moment(brief["known_since"]) or self.now, moment(brief["closed_at"])
        how_bad = f"{brief['severity']} {brief['severity_word']}" if brief["severity"] else "severity not decided yet"
        tone: Tone = "alarm" if brief["severity"] in ("SEV1", "SEV2") and closed is None else "strong"
        yield Row(brief["incident"], one_line(brief["title"]), "strong")
        state = "DRILL" if brief["drill"] else "CLOSED" if closed else "LIVE"
        yield Row(state, f"{how_bad} · phase: {brief['phase']}", tone)
        yield Row("Known for", f"{roughly((closed or self.now) - known)}, since {self._at(known)}")
        if closed is not None:
            yield Row("Closed", self._at(closed))
        yield Row("Lead", one_line(brief["lead"], 80))
        posting: Tone = "quiet" if closed and not brief["stopped"] else "plain"
        first, *rest = posting_in_words(brief["stopped"], brief["still_posting"])
        yield Row("Posting", first, posting)
        yield from (Row("", one) for one in rest)
        if not brief["published"] and closed is None:
            yield Row("Public", "NOTHING POSTED YET", "alarm")
        for wrong in outdated(brief):
            yield Row("Public", f"!! {one_line(wrong)}: correct it", "alarm")

    def clocks(self) -> Iterator[Row]:
        shown = [clock for clock in self.brief["clocks"] if clock["breached"] or clock["met"] is None]
        for clock in sorted(shown, key=lambda one: (not one["breached"], one["due"] is None)):
            name, note = one_line(clock["name"], 80), f" ({one_line(clock['note'])})" if clock["note"] else ""
            due, met = moment(clock["due"]), moment(clock["met"])
            if met is None and self.brief["closed_at"]:
                by = f"due {self._at(due)}" if due else "as soon as possible"
                # What was not due yet when it was closed was not missed.
                if clock["breached"]:
                    yield Row("NOT MET", f"{name} · was {by}{note}", "alarm")
                else:
                    yield Row("left open", f"{name} · {by}{note}", "strong")
            elif due is None:
                yield Row("as soon as possible", f"{name}{note}", "strong")
            elif met is not None:
                yield Row("BREACHED", f"{name} · {roughly(met - due)} late, was due {self._at(due)}{note}", "alarm")
            elif clock["breached"]:
                yield Row("BREACHED", f"{name} · was due {self._at(due)}, {ago_or_left(due, self.now)}{note}", "alarm")
            else:
                yield Row("running", f"{name} · due {self._at(due)}, {ago_or_left(due, self.now)}{note}")

    def waiting(self) -> Iterator[Row]:
        for one in self.brief["waiting_on"]:
            until = moment(one["until"])
            by = f", until {self._at(until)}, {ago_or_left(until, self.now)}" if until else ""
            role = one["role"].replace("-", " ")
            who = one_line(one["who"], 120)
            named = who if role in who else f"{who} ({role})"
            tone: Tone = "alarm" if until and until < self.now else "plain"
            yield Row(named, f"{_numbers(one)}{one_line(one['for'])}{by}", tone)

    def next(self) -> Iterator[Row]:
        steps = self.brief["next_steps"]
        for number, step in enumerate(steps[:NEXT], 1):
            yield Row(f"{number}.", f"{one_line(step['title'])} ({step['role'].replace('-', ' ')})")
        if len(steps) > NEXT:
            yield Row("", f"and {len(steps) - NEXT} more", "quiet")

    def not_posted(self) -> Iterator[Row]:
        together: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for one in self.brief["not_posted"]:
            by = f", approved by {_names(one['approved_by'])}" if one["approved_by"] else ""
            if over := ", ".join(
                f"{one_line(yes['by'], 60)} since {self._at(_moment(yes['since']))}" for yes in one["expired"]
            ):
                by += f", EXPIRED: {over}"
            places = together.setdefault((one["title"], one["state"], by), {})
            places.setdefault(one["channel"], []).append(one["language"])
        for (title, state, by), places in together.items():
            where = "; ".join(f"{channel} {', '.join(languages)}" for channel, languages in places.items())
            tone: Tone = _TONES.get(state, "plain")
            yield Row(one_line(title, 60), f"{state}{by}: {one_line(where, 300)}", tone)

    def published(self) -> Iterator[Row]:
        for one in reversed(self.brief["published"]):
            at = moment(one["at"]) or self.now
            by = f", approved by {_names(one['approved_by'])}" if one["approved_by"] else ""
            without = f", without a full approval ({how})" if (how := one.get("without_approval")) else ""
            said = f"{one_line(one['title'], 80)}, {one['fingerprint']}, {self._at(at)}{by}{without}"
            still, tone = _how_it_stands(one)
            link = one["link"]
            if not _is_address(link):  # what was sent to people has none
                said, link = f"{said}, to {link}", ""
            yield Row(_place(one), f"{said}{still}", tone, url=link)
        if text := self.brief.get("last_public_text"):
            yield Row("last text", f"“{one_line(text, 600)}”", "quiet")

    def without_approval(self) -> Iterator[Row]:
        for one in self.brief["without_approval"]:
            reason = f": {one_line(one['reason'])}" if one["reason"] else ""
            yield Row(one_line(one["place"], 40), f"{one_line(one['title'], 80)}, {one['how']}{reason}", "alarm")

    def told(self) -> Iterator[Row]:
        for one in self.brief["told"]:
            tone: Tone = "good" if one["answer"] == "acknowledged" else "alarm"
            answer = ANSWERS.get(one["answer"], one["answer"])
            yield Row(f"{one_line(one['who'], 60)} ({one['role'].replace('-', ' ')})", answer, tone)

    def stand_down(self) -> Iterator[Row]:
        if not self.brief["published"] and not self.brief["closed_at"]:
            return  # one screen: before anything was said there is nothing to stand down from
        for one in self.brief["stand_down"]:
            yield Row("[x]" if one["seen"] else "[ ]", one_line(one["text"]), "good" if one["seen"] else "quiet")

    def monitoring(self, *, plain: bool) -> Iterator[Row]:
        known = self.brief.get("monitoring")
        if not known:
            return
        series, figures = known["series"], known["figures"]
        if series:
            drawn, every = bars(series["mentions"], plain=plain), timedelta(minutes=series["every_minutes"])
            yield Row("mentions", f"{drawn} since {self._at(_moment(series['begins']))}, a bar is {roughly(every)}")
        for name, label in (("mention_rate", "now"), ("negative_share", "negative"), ("site_traffic", "site traffic")):
            if (figure := figures.get(name)) and figure["value"] is not None:
                yield Row(label, _figure(name, figure), "alarm" if figure["unusual"] else "plain")
        last = moment(known["last"]) or self.now
        ends = (
            f"until {self._at(last)}, {ago_or_left(last, self.now)}" if last <= self.now else f"until {self._at(last)}"
        )
        estimated = f", {known['estimated_sentiment']:.0%} of the sentiments estimated"
        yield Row(
            "from",
            f"{one_line(known['format'], 80)}, {ends}{estimated if known['estimated_sentiment'] else ''}",
            "quiet",
        )

    def _at(self, when: datetime) -> str:
        return clock_time(when, self.zone, self.now)


def _how_it_stands(one: Mapping[str, Any]) -> tuple[str, Tone]:
    """What is to be seen to with a text that is out. What was sent to people cannot be taken down."""
    if one.get("replaced"):
        still_up = ": is it still up?" if _is_address(one["link"]) else ""
        return f" · replaced by a later text{still_up}", "strong"
    if facts := one.get("outdated"):
        return f" · !! says {', '.join(fact.replace('_', ' ') for fact in facts)} as before", "alarm"
    return "", "good"


def _is_address(link: str) -> bool:
    return link.startswith(("http://", "https://"))


def _numbers(waiting: Mapping[str, Any]) -> str:
    """`+45 12 34 56 78 · `, or with several people `Ana Berg, +45 12 34 56 78 · Bo Lind, +45 … · `."""
    ways = {name: most_direct(contact) for name, contact in waiting.get("reach", {}).items() if contact}
    alone = len(ways) == 1 and waiting["who"] in ways
    return "".join(
        f"{one_line(way, 60) if alone else one_line(f'{name}, {way}', 120)} · " for name, way in ways.items()
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _figure(name: str, figure: Mapping[str, Any]) -> str:
    """`285 an hour, 6.8 times the usual`, or `58%, usually 16%`."""
    value, usual, ratio = figure["value"], figure["baseline"], figure["ratio"]
    if name.endswith("_share"):
        return f"{value:.0%}" + ("" if usual is None else f", usually {usual:.0%}")
    window = figure["window_minutes"]
    said = f"{value:,.0f} {'an hour' if window == 60 else f'in {roughly(timedelta(minutes=window))}'}"
    if usual is None or ratio is None:
        return f"{said}; too little was seen to know what is usual"
    return f"{said}, {ratio:.3g} times the usual {usual:,.0f}"


def _names(names: list[str]) -> str:
    return ", ".join(one_line(name, 60) for name in names)


def _place(one: Mapping[str, Any]) -> str:
    return one_line(f"{one['channel']}/{one['language']}", 40)


def to_text(brief: Brief, zone: tzinfo | None, *, colour: bool = False, plain: bool = False) -> str:
    """The report for a terminal."""
    return laid_out(report(brief, zone, plain=plain), mark="DRILL " if brief["drill"] else "", colour=colour)


def to_markdown(brief: Brief, zone: tzinfo | None) -> str:
    """The report as Markdown."""
    from crisis.adapters.render.markdown import Page

    page = Page("DRILL" if brief["drill"] else "")
    page.heading(1, f"{brief['incident']}: {brief['title']}")
    for section in report(brief, zone):
        if section.title:
            page.heading(2, section.title)
        for row in section.rows[0 if section.title else 1 :]:
            if row.label.startswith("["):
                page.task(row.text, done=row.label == "[x]")
            else:
                label = "" if row.label == "-" else row.label if row.label.endswith(".") else f"{row.label}:"
                page.bullet(row.text, lead=label, url=row.url)
    now = moment(brief["as_of"])
    if now is not None:
        page.paragraph(f"As of {clock_time(now, zone)}, after event {brief['version']}.")
    return page.text()
