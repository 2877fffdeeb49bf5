"""What a person sees, as lines. Nothing here reads or decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from crisis.adapters.operator.prompts import Shown
from crisis.engine.approvals import with_the_same_text
from crisis.engine.look import OpenAsk
from crisis.engine.shapes import Override
from crisis.kernel.durations import roughly
from crisis.kernel.fingerprints import short
from crisis.kernel.text import one_line, safe, sentence
from crisis.messages.channels import title as channel_title
from crisis.messages.languages import called
from crisis.playbook.values import SEVERITY_WORDS
from crisis.runtime.scene import LinedText, ProposedText, Question, SayableFact, Scene

#: The columns of a line in a list, on the narrowest screen that is meant.
OFFER = 72

#: What a prompt says of how to answer it.
_BRACKETS = re.compile(r"\s*\([^()]*\)$")


def headline(scene: Scene, now: datetime) -> str:
    """`LIVE INC-2026-0007 · SEV1 critical · known for 26 min · you lead · NOTHING POSTED`."""
    severity = f"{scene.severity} {SEVERITY_WORDS[scene.severity]}" if scene.severity else "severity not decided"
    lead = one_line(scene.lead, 60) + (f", deputy {one_line(scene.deputy, 40)}" if scene.deputy else "")
    posted = f"{scene.out} posted" if scene.out else "NOTHING POSTED"
    kind = "DRILL" if scene.drill else "LIVE"
    known = f"known for {roughly(now - scene.known_since)}"
    return f"{kind} {scene.incident} · {severity} · {known} · {lead} · {posted}"


def clock_line(scene: Scene, now: datetime) -> str:
    """The next deadlines, with the time left or by how much they are late.

    A narrow screen has room for two: for what comes next, and for the first statement.
    """
    parts = []
    running = [(one, one.due) for one in scene.clocks if one.due is not None]
    rest = sorted(running[1:], key=lambda one: one[0].kind != "first-statement")
    for clock, at in (*running[:1], *rest):
        due = at.astimezone(now.tzinfo)
        left = f"LATE by {roughly(now - due)}" if due < now else f"{roughly(due - now)} left"
        when = f"{due:%H:%M}" if due.date() == now.date() else f"{due:%a %H:%M}"
        name = clock.name.partition(": ")[0] if clock.kind == "acknowledge" else clock.name
        parts.append(f"{one_line(name, 50)} {when} ({left})")
    asap = [one_line(one.name, 50) for one in scene.clocks if one.due is None][:1]
    return " · ".join([*parts, *(f"{name}: as soon as possible" for name in asap)])


def foot(scene: Scene, now: datetime) -> tuple[str, ...]:
    """What stays at the foot of every prompt."""
    lines = [headline(scene, now)]
    if scene.outdated:
        lines.append("!! " + " · ".join(one_line(one) for one in scene.outdated))
    if clocks := clock_line(scene, now):
        lines.append(clocks)
    if scene.waiting:
        lines.append("Waiting for " + " · ".join(one_line(one, 160) for one in scene.waiting))
    if scene.do_not:
        lines.append("Never: " + " · ".join(one_line(one, 120) for one in scene.do_not))
    return tuple(lines)


def introduction(question: Question, now: datetime, *, first: bool) -> list[Shown]:
    """What stands above a question: the step once, then its advice."""
    lines: list[Shown] = []
    if first:
        role = question.open_ask.ask.role
        lines += [Shown(""), Shown(f"{question.step_title}  ·  {role.replace('-', ' ')}", "head")]
        if question.again:
            lines.append(Shown(f"  again: {one_line(question.again)}", "loud"))
    if question.open_ask.no_longer_applies:
        lines.append(Shown("  This no longer applies: finish it, or skip it with a reason (Esc).", "loud"))
    shown = (*question.around.figures, *question.open_ask.ask.advice)
    return lines + [Shown(f"  {safe(one)}", "quiet") for one in shown]


def waiting(scene: Scene, until: datetime | None, now: datetime) -> list[Shown]:
    """The page while others act."""
    but = ": BUT WHAT IS OUT IS WRONG" if scene.outdated else ""
    lines = [Shown(""), Shown(f"Nothing for you to answer right now{but}", "head")]
    lines += [Shown(f"  !! {one_line(one)}", "loud") for one in scene.outdated]
    lines += [Shown(f"  waiting for {one_line(one)}", "loud") for one in scene.waiting]
    if not scene.waiting and until is not None:
        when = until.astimezone(now.tzinfo)
        due = "".join(f": {one_line(clock.name)} is due" for clock in scene.clocks if clock.due == until)
        lines.append(Shown(f"  next: {when:%a %H:%M} (in {roughly(when - now)}){due}", "quiet"))
    return lines


def left_at_the_close(scene: Scene) -> list[Shown]:
    """What was promised or is wrong, and stays so where the incident is closed now."""
    promised = [one_line(clock.name) for clock in scene.clocks if clock.kind == "next-update"]
    wrong = [f"  !! {one_line(one)}" for one in scene.outdated]
    return [Shown(line, "loud") for line in (*wrong, *(f"  !! not given: {name}" for name in promised))]


def offer(one: OpenAsk) -> str:
    """How a question is offered in a list, on one line: as much of it as fits, or else its step."""
    whole = one_line(one.ask.prompt, 400)
    said = _BRACKETS.sub("", whole)
    up_to_question = said.partition("?")[0] + "?" if "?" in said else said
    last_sentence = up_to_question.rpartition(". ")[2]
    shorter = [whole, said, up_to_question, last_sentence, last_sentence.partition(": ")[0]]
    if isinstance(one.ask.wants, Override):
        shorter.append(f"{said.partition(' although ')[0]} although it is held")  # for what may be long
    return next((line for line in shorter if len(line) <= OFFER), one_line(one.step.title, OFFER))


def offer_of_step(one: OpenAsk) -> str:
    """The same among questions of other steps: with its step, where it does not say so itself and there is room."""
    said, title = offer(one), one.step.title
    with_step = said if title.lower() in said.lower() else f"{one_line(title)}: {said}"
    return with_step if len(with_step) <= OFFER else said


def known_now(one: SayableFact) -> str:
    """What is known of a fact, beside its question."""
    return f"{one.known_now}; a text waits for it" if one.is_waited_for else one.known_now


def why(question: Question) -> list[Shown]:
    """Why this step is there."""
    reason = question.why or "The playbook's author gave no reason."
    return [Shown(f"{question.step_title}: {safe(reason)}", "quiet")]


def situation(scene: Scene, now: datetime) -> list[Shown]:
    """Where things stand, on one page."""
    lines = [Shown(headline(scene, now), "head")]
    mend = "“Correct the …” in the menu puts it right"
    lines += [Shown(f"  !! {one_line(one)}: {mend}", "loud") for one in scene.outdated]
    for clock in scene.clocks:
        if clock.due is None:
            lines.append(Shown(f"  {one_line(clock.name)}: as soon as possible ({clock.note})"))
        else:
            due = clock.due.astimezone(now.tzinfo)
            left = f"LATE by {roughly(now - due)}" if due < now else f"{roughly(due - now)} left"
            lines.append(Shown(f"  {one_line(clock.name)}: {due:%a %H:%M}, {left}", "loud" if due < now else "plain"))
    lines += [Shown(f"  waiting for {one_line(one)}") for one in scene.waiting]
    lines += [Shown(f"  {'  ' if n else 'posting: '}{one}") for n, one in enumerate(scene.posting)]
    return lines


def _summary(texts: Sequence[ProposedText]) -> str:
    by_channel: dict[str, list[ProposedText]] = {}
    for text in texts:
        by_channel.setdefault(text.channel, []).append(text)
    parts = []
    for channel, some in by_channel.items():
        sizes = ", ".join(f"{one.language} {one.size or '!'}{' (edited)' if one.edited else ''}" for one in some)
        parts.append(f"{channel_title(channel)} {sizes}")
    return " · ".join(parts)


def drafts(texts: Sequence[ProposedText]) -> list[Shown]:
    """The texts in short: sizes, then the first of each language in full, problems last."""
    lines = [Shown(f"  {_summary(texts)}", "quiet")]
    for language in dict.fromkeys(text.language for text in texts):
        first = next((text for text in texts if text.language == language and not text.problem), None)
        if first is not None:
            lines.append(Shown(f"  {channel_title(first.channel)}, {language}:", "quiet"))
            lines += _quoted(first.text)
    for problem in dict.fromkeys(text.problem for text in texts if text.problem):
        places = ", ".join(text.place for text in texts if text.problem == problem)
        lines.append(Shown(f"  ! {places}: {safe(problem)}", "loud"))
    lines += [Shown(f"  {text.place}: {safe(one)}", "quiet") for text in texts for one in text.warnings]
    cleared = [text for text in texts if text.cleared and not text.edited]
    if cleared and len(cleared) == len(texts):
        lines.append(Shown("  cleared in advance, unedited", "good"))
    return lines


def in_full(texts: Sequence[ProposedText]) -> list[Shown]:
    """Every text, whole."""
    lines: list[Shown] = []
    for text in texts:
        if text.text:
            lines += [Shown(f"  {text.place}  {text.size}", "quiet"), *_quoted(text.text)]
        else:
            lines.append(Shown(f"  {text.place}: {safe(text.problem)}", "loud"))
    return lines


def sheet(texts: Sequence[LinedText], name: str) -> list[Shown]:
    """What is on a sheet, in short."""
    lines = [Shown(f"  sheet {short(name)}: {len(texts)} {'text' if len(texts) == 1 else 'texts'}", "quiet")]
    return lines + [Shown(f"  {one.line.place}  {short(one.line.sha256)}", "quiet") for one in texts]


def approved_in_full(texts: Sequence[LinedText]) -> list[Shown]:
    """The approved texts, each once for all the channels that carry it."""
    said = {one.line: one.text for one in texts}
    lines: list[Shown] = []
    for alike in with_the_same_text(said):
        places = ", ".join(line.place for line in alike)
        lines += [Shown(f"  {places}:", "quiet"), *_quoted(said[alike[0]])]
    return lines


def call_script(texts: Sequence[LinedText], name: str) -> list[Shown]:
    """What to say to an approver on the phone."""
    lines = [
        Shown("  Say: I need your approval of a text. I read it to you now; stop me where it is wrong.", "head"),
    ]
    said = {one.line: one.text for one in texts}
    for alike in with_the_same_text(said):
        channels = ", ".join(channel_title(line.channel) for line in alike)
        lines += [Shown(f"  For {channels}, in {called([alike[0].language])}:", "quiet"), *_quoted(said[alike[0]])]
    lines.append(Shown(f"  Say: if you approve exactly this, say the fingerprint back to me: {spelled(name)}", "head"))
    return lines


def spelled(name: str) -> str:
    """The first eight digits in two groups, as one reads them aloud."""
    return f"{name[:4]} {name[4:8]}"


def is_said_back(said: str, name: str) -> bool:
    """Whether what somebody said is the fingerprint of this sheet, however it was spaced."""
    return said.replace(" ", "").lower() == spelled(name).replace(" ", "")


def to_post(texts: Sequence[LinedText]) -> list[Shown]:
    """The approved texts before they are locked."""
    return [Shown(f"  {_approved(one)} NOT POSTED YET", "loud") for one in texts]


def to_copy(text: LinedText) -> list[Shown]:
    """The exact text, alone at the margin, to be copied out."""
    return [
        Shown(f"  {_approved(text)} NOT POSTED YET", "loud"),
        Shown("  ── copy from here ──", "quiet"),
        *(Shown(line, "text") for line in text.text.split("\n")),
        Shown("  ── to here ──", "quiet"),
    ]


def _approved(one: LinedText) -> str:
    return sentence(f"{one.line.place} {short(one.line.sha256)} approved by {one_line(one.approved_by)}")


def _quoted(text: str) -> list[Shown]:
    return [Shown(safe(line), "quoted") for line in text.split("\n")]
