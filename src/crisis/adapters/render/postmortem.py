"""The post-mortem as Markdown. Says in so many words what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from crisis.adapters.render.markdown import Page
from crisis.adapters.render.moments import clock_time, over_or_under
from crisis.adapters.render.responses import add_responses
from crisis.adapters.render.timeline import add_table
from crisis.kernel.durations import roughly
from crisis.kernel.fingerprints import short
from crisis.playbook.values import SEVERITY_WORDS
from crisis.projections.afterwards import Wrong
from crisis.projections.key_times import ClockRun, KeyTime
from crisis.projections.postmortem import PostMortem
from crisis.projections.said import Statement, Unapproved, Yes
from crisis.projections.trail import Former, Known
from crisis.projections.words import ANSWERS, PROOFS

_NOT_SAID = "Not said in the debrief."


class Chart(Struct, frozen=True):
    """A chart that lies beside the page, by its name; what is to be seen on it in words, and where that is from."""

    name: str
    seen: str
    caption: str


def to_markdown(told: PostMortem, zone: tzinfo | None, chart: Chart | None = None) -> str:
    """One page, the same bytes for the same post-mortem."""
    return _Writer(told, zone, chart).page()


class _Writer:
    def __init__(self, told: PostMortem, zone: tzinfo | None, chart: Chart | None) -> None:
        self.told, self.zone, self.chart = told, zone, chart
        self.out = Page("DRILL" if told.drill else "")

    def page(self) -> str:
        told, out = self.told, self.out
        out.heading(1, f"Post-mortem: {told.incident}, {told.title}")
        if told.drill:
            out.paragraph("This was a drill. Nothing of it happened.", strong=True)
        if told.record.problems:
            out.paragraph("THE RECORD IS NOT AS IT WAS WRITTEN. Do not rely on what follows.", strong=True)
            for problem in told.record.problems:
                out.bullet(problem)
        if told.closed_at is None:
            out.paragraph("Not closed yet: this is how it stands so far.", strong=True)
        self._summary()
        out.heading(2, "Impact")
        out.paragraph(told.impact or _NOT_SAID)
        self._times()
        self._severities()
        self._facts()
        self._said()
        add_responses(out, told.responses, self.zone)
        self._drawn()
        self._trail()
        self._debrief()
        self._left()
        out.heading(2, "Timeline")
        add_table(out, told.timeline, self.zone)
        out.heading(2, "Record")
        intact = "not as it was written" if told.record.problems else "found as it was written"
        out.paragraph(f"{told.record.version} events, {intact}. Chain head: {told.record.hash or 'unknown'}")
        return out.text()

    def at(self, moment: datetime | None, missing: str = "never") -> str:
        return clock_time(moment, self.zone) if moment is not None else missing

    def _summary(self) -> None:
        told, out = self.told, self.out
        out.heading(2, "Summary")
        if told.definition:
            out.bullet(told.definition)
        closed = f", closed {self.at(told.closed_at)}" if told.closed_at else ""
        out.bullet(
            f"First report {self.at(told.known_since)}, opened {self.at(told.opened_at)}{closed}; {told.lead} led."
        )
        out.bullet(f"At worst {_level(told.worst)}; in the end {_level(told.severity)}.")
        out.bullet(_how_much(told.statements))
        if irregular := sum(bool(one.exceptions) for one in told.statements):
            out.bullet(f"{irregular} of them WITHOUT A FULL APPROVAL.")
        for fact, wrong in self._wrong().items():
            out.bullet(f"{len(wrong)} of them {_for_how_long(fact, wrong)}.", lead="WRONG WHILE OUT:")
        # Some times have a limit that is no clock of its own, such as the first call.
        late = [one.name for one in told.clocks if one.breached]
        out.bullet(f"Clocks breached: {len(late)} ({', '.join(late)})." if late else "No clock was breached.")
        if told.over_all_the_same:
            out.bullet(f"{told.over_all_the_same}.", lead="AGREED TO BE OVER ALL THE SAME:")
        for one in self._promised():
            out.bullet(f"{one.name}, due {self.at(one.due)}.", lead="LEFT OPEN AT THE CLOSE:")

    def _promised(self) -> Iterator[ClockRun]:
        """The updates that people were promised, and had not been given when it was closed."""
        if self.told.closed_at is not None:
            yield from (one for one in self.told.clocks if one.kind == "next-update" and one.met_at is None)

    def _wrong(self) -> dict[str, list[list[Wrong]]]:
        """The texts that were out and wrong, each with when, by the fact that they said as it was."""
        found: dict[str, dict[int, list[Wrong]]] = {}
        for n, one in enumerate(self.told.statements):
            for wrong in one.afterwards.wrong:
                found.setdefault(wrong.fact.replace("_", " "), {}).setdefault(n, []).append(wrong)
        return {fact: list(texts.values()) for fact, texts in found.items()}

    def _times(self) -> None:
        out = self.out
        out.heading(2, "Key times")
        never = "never" if self.told.closed_at else "not yet"
        times = [(one.name, self.at(one.at, never), _after(one), _against(one)) for one in self.told.key_times]
        out.table(("What", "When", "After the first report", "Against its clock"), times)
        out.heading(2, "Clocks")
        if not self.told.clocks:
            out.paragraph("No clock ran.")
        rows = [(one.name, self.at(one.due, "as soon as possible"), self._met(one)) for one in self.told.clocks]
        out.table(("Clock", "Due", "How it went"), rows)
        if self.told.notice:
            out.paragraph(self.told.notice)

    def _met(self, clock: ClockRun) -> str:
        # What the notice below says of all clocks is not said of each.
        note = f" ({clock.note})" if clock.note and clock.note not in self.told.notice else ""
        if clock.due is None and clock.met_at is not None:
            return f"done {self.at(clock.met_at)}{note}"
        if clock.due is None:
            return f"open: whether it was done is not recorded here{note}"
        if clock.skipped:
            return f"{'BREACHED, then ' if clock.breached else ''}skipped {self.at(clock.met_at)}{note}"
        if clock.breached:
            late = f", {roughly(clock.late)} late" if clock.late else ""
            met = f"met {self.at(clock.met_at)}" if clock.met_at else "not met"
            return f"BREACHED: {met}{late}{note}"
        if clock.met_at is None:
            return f"{'left open at the close' if self.told.closed_at else 'not met yet'}{note}"
        return f"{over_or_under(clock.met_at, clock.due)}, {self.at(clock.met_at)}{note}"

    def _severities(self) -> None:
        self.out.heading(2, "How bad it was thought to be")
        if not self.told.severities:
            self.out.paragraph("The severity was never decided.")
        rows = [
            (self.at(one.at), _level(one.severity), one.who, one.reason or "–", one.because or "–")
            for one in self.told.severities
        ]
        self.out.table(("When", "Severity", "Who", "Reason", "Proposed"), rows)

    def _facts(self) -> None:
        if not self.told.facts:
            return
        self.out.heading(2, "What was known")
        rows = []
        for one in self.told.facts:
            value = "recorded, kept outside this document" if one.sensitive else one.value
            before = "; ".join(map(self._former, one.before))
            said = f"{value if one.known else 'not known'}{f' ({before})' if before else ''}"
            rows.append((one.question, said, self._since(one)))
        self.out.table(("Question", "Answer", "Since"), rows)

    def _since(self, one: Known) -> str:
        """Since when it stands so; where something else stood after it is said to have been known, both moments."""
        said_at = one.before[-1].until if one.before else one.since
        return self.at(one.since) if said_at <= one.since else f"{self.at(said_at)}, known since {self.at(one.since)}"

    def _former(self, one: Former) -> str:
        was = "not known" if not one.known else f"was {one.value}" if one.value else "was otherwise"
        return f"{was} from {self.at(one.since)} to {self.at(one.until)}"

    def _said(self) -> None:
        out = self.out
        out.heading(2, "What was said")
        if not self.told.statements:
            out.paragraph("Nothing was posted.")
        for alike in _alike(self.told.statements):
            one, *others = alike
            places = ", ".join(_place(each) for each in alike)
            out.heading(3, f"{one.title} on {places}, {self.at(one.at)}{' and later' if others else ''}")
            self._statement(one, alike)
        if self.told.refusals:
            out.heading(3, "Refused before it was posted")
            for no in self.told.refusals:
                roles = ", ".join(no.roles)
                out.bullet(
                    f"{self.at(no.at)}, {no.person} ({roles}), {', '.join(no.places)}: {no.reason}", lead=no.title
                )

    def _statement(self, one: Statement, alike: Sequence[Statement]) -> None:
        out = self.out
        for each in alike:
            where = f"on {_place(each)} {self.at(each.at)} " if len(alike) > 1 else ""
            to = "" if each.link.startswith(("http://", "https://")) else f" to {each.link}"
            out.bullet(f"{where}by {each.who}{to}", lead="Posted", url="" if to else each.link)
        self._became(alike)
        if one.afterwards.edited:
            out.bullet("by hand: this is not word for word what the template says", lead="Edited")
        if one.afterwards.behind:
            out.bullet(
                "its source had been edited by hand, this translation of it had not", lead="TRANSLATION LEFT BEHIND:"
            )
        out.bullet(one.sha256, lead="Fingerprint (SHA-256)")
        for attachment in one.attachments:
            out.bullet(attachment, lead="Attachment (SHA-256)")
        if one.promises:
            out.bullet(self.at(one.promises), lead="Promised an update by")
        for yes in one.approved_by:
            out.bullet(self._yes(yes), lead="Approved by")
        for exception in one.exceptions:
            out.bullet(self._unapproved(exception), lead="WITHOUT A FULL APPROVAL:")
        if not one.approved_by and not one.exceptions:
            out.bullet("the record names nobody who approved this text", lead="NO APPROVAL:")
        if one.text is None:
            out.paragraph("The exact text is not in the journal any more.")
        else:
            out.exact(one.text)

    def _became(self, alike: Sequence[Statement]) -> None:
        """What followed it, and since when it was wrong: once for the places of which the same is to be said."""
        for told in (self._followed, self._was_wrong):
            said: dict[tuple[str, str], list[str]] = {}
            for each in alike:
                for line in told(each):
                    said.setdefault(line, []).append(_place(each))
            for (lead, text), places in said.items():
                where = f"on {', '.join(places)} " if len(alike) > 1 else ""
                self.out.bullet(f"{where}{text}", lead=lead)

    def _followed(self, one: Statement) -> Iterator[tuple[str, str]]:
        if later := one.afterwards.followed:
            yield "Replaced" if later.replaces else "Followed", f"by a later text at {self.at(later.at)}"

    def _was_wrong(self, one: Statement) -> Iterator[tuple[str, str]]:
        for wrong in one.afterwards.wrong:
            fact, since = wrong.fact.replace("_", " "), self.at(wrong.since)
            if wrong.until is None:
                yield "WRONG:", f"{fact} is known to be otherwise since {since}, and nothing has put it right"
            else:
                lasted = roughly(wrong.until - wrong.since)
                yield "WRONG:", f"{fact} was known to be otherwise from {since} to {self.at(wrong.until)} ({lasted})"

    def _yes(self, yes: Yes) -> str:
        how = PROOFS.get(yes.proof, yes.proof)
        heard = f", heard by {yes.heard_by} and read back" if yes.heard_by else ""
        deputy = f", deputy for {yes.deputy_for}" if yes.deputy_for else ""
        return (
            f"{yes.person} ({', '.join(yes.roles)}{deputy}), {self.at(yes.at)}, {how}{heard}, sheet {short(yes.sheet)}"
        )

    def _unapproved(self, exception: Unapproved) -> str:
        rules = f" ({', '.join(exception.rules)})" if exception.rules else ""
        review = f"; to be reviewed by {self.at(exception.review_due)}" if exception.review_due else ""
        said = f"{exception.how}{rules} by {exception.who}, {self.at(exception.at)}{review}"
        return f"{said}. Reason: {exception.reason}"

    def _drawn(self) -> None:
        if self.chart is not None:
            self.out.heading(2, "Mentions, and what was said when")
            self.out.image(self.chart.seen, self.chart.name)
            self.out.paragraph(self.chart.caption)

    def _trail(self) -> None:
        out, told = self.out, self.told
        out.heading(2, "What was stopped")
        if not told.stopped:
            out.paragraph("Nothing that was scheduled was stopped.")
        out.table(
            ("Where", "Stopped", "By", "Shown by", "Let go again"),
            [
                (
                    one.account,
                    self.at(one.at),
                    one.who,
                    one.evidence or "–",
                    self._resumed(one.resumed_at, one.resumed_by),
                )
                for one in told.stopped
            ],
        )
        out.heading(2, "Who was called")
        if not told.calls:
            out.paragraph("Nobody was called through the playbook.")
        rows = [
            (self.at(one.at), one.person, one.role, ANSWERS.get(one.answer, one.answer), one.by) for one in told.calls
        ]
        out.table(("When", "Who", "Role", "Answer", "Called by"), rows)

    def _resumed(self, at: datetime | None, by: str) -> str:
        return f"{self.at(at)}, {by}" if at else "STILL STOPPED"

    def _debrief(self) -> None:
        out = self.out
        out.heading(2, "Causes and lessons")
        lessons = [one for one in self.told.debrief if one.key != "impact"]
        for key, question in {one.key: one.question for one in lessons}.items():
            out.heading(3, question)
            for one in lessons:
                if one.key == key:
                    out.paragraph(str(one) or _NOT_SAID)
        out.heading(2, "Action items")
        if not self.told.actions:
            out.paragraph("None were recorded.")
        rows = [(one.action, one.owner or "NOBODY YET", one.due or "NO DATE") for one in self.told.actions]
        out.table(("What", "Who", "By when"), rows)

    def _left(self) -> None:
        out = self.out
        out.heading(2, "Left open, skipped, or done in part")
        rows = list(self._left_rows())
        if not rows:
            out.paragraph("Nothing: every step that applied was done.")
        out.table(("What", "How", "Why", "Who", "When"), rows)

    def _left_rows(self) -> Iterator[tuple[str, ...]]:
        for one in self.told.left:
            yield one.what, one.how, one.why or "–", one.who or "–", self.at(one.at, "–")


def _alike(statements: Iterable[Statement]) -> list[list[Statement]]:
    """The same text of a message, approved in the same way, stands together, however many places it went to."""
    found: dict[object, list[Statement]] = {}
    for one in statements:
        became = one.afterwards
        same = (
            *(one.message, one.language, one.sha256, one.attachments, one.promises),
            *(one.approved_by, one.exceptions, became.edited, became.behind),
        )
        found.setdefault(same, []).append(one)
    return list(found.values())


def _how_much(texts: Sequence[Statement]) -> str:
    """`6 texts went out, in 3 channels, in 2 languages; 2 of them internal.`"""
    if not texts:
        return "Nothing was posted."
    channels, languages = {one.channel for one in texts}, {one.language for one in texts}
    internal = sum(one.channel == "internal" for one in texts)
    counts = (
        f"{_count(len(texts), 'text')} went out",
        f"in {_count(len(channels), 'channel')}",
        f"in {_count(len(languages), 'language')}",
    )
    return f"{', '.join(counts)}{f'; {internal} of them internal' if internal else ''}."


def _for_how_long(fact: str, texts: Sequence[Sequence[Wrong]]) -> str:
    """`said product as it was: known to be otherwise for up to 5 min`, or that one of them still does."""
    ended = [one.until - one.since for wrong in texts for one in wrong if one.until is not None]
    left = sum(any(one.until is None for one in wrong) for wrong in texts)
    parts = [f"known to be otherwise for up to {roughly(max(ended))}"] if ended else []
    parts += [f"{left} still {'do' if left > 1 else 'does'}"] if left else []
    return f"said {fact} as it was: {', and '.join(parts)}"


def _place(one: Statement) -> str:
    return f"{one.channel}/{one.language}"


def _level(severity: str) -> str:
    return f"{severity} {SEVERITY_WORDS.get(severity, '')}".strip() or "not assessed"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _after(time: KeyTime) -> str:
    return roughly(time.after) if time.after is not None else "–"


def _against(time: KeyTime) -> str:
    if time.due is None:
        return "–"
    if time.at is None:
        return "BREACHED: not met" if time.breached else "not met yet, and not due"
    return f"{'BREACHED: ' if time.breached else ''}{over_or_under(time.at, time.due)}"
