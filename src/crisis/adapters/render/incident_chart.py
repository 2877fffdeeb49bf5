"""An incident's figures as a picture: what one export counted, and when what was said; nothing that was not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from crisis.adapters.render.drawing import called, heading, long, short
from crisis.engine.events import Recorded
from crisis.engine.monitoring import Counted, Measured
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.playbook.values import SEVERITY_WORDS
from crisis.projections.exports import exports_of
from crisis.projections.postmortem import PostMortem
from crisis.projections.response import FEW_RATED
from crisis.signals.alerts import Band
from crisis.signals.course import Course
from crisis.signals.picture import Mark, Picture, picture_of

_STEPS = (150, 75, 36)
"""At most so many steps are drawn; of shares fewer, where they would rest on too few mentions and jump about."""
_BEYOND = 4
"""A moment is drawn up to one such part of the figures' time before or after it: beyond that it is not about them."""
_UNKNOWN = Band(0.0, 0.0, 0.0)


class IncidentChart(Struct, frozen=True, kw_only=True):
    """The picture, and in a line what is drawn and where it is from."""

    picture: Picture
    caption: str


def incident_chart(told: PostMortem, events: Iterable[Recorded], zone: tzinfo | None) -> IncidentChart | None:
    """What there is to draw; nothing where no export that was read counted mentions.

    It is drawn from one export, as two tools count differently: the one in whose time most messages went out, then the
    one that knows most of the time, then the one that was read last.
    """
    exports = [(at, read) for at, read in exports_of(events)]
    sent = [one.at for one in told.responses]
    drawn = max(
        (
            (sum(counted.begins <= at < counted.ends for at in sent), _known(counted), n, read, counted)
            for n, (at, read) in enumerate(exports)
            if read.counted is not None and _known(counted := read.counted.until(at))
        ),
        key=lambda one: one[:3],
        default=None,
    )
    if drawn is None:
        return None
    *_, read, counted = drawn
    beyond = len(counted.mentions) * counted.span / _BEYOND
    marks = [*_messages(told), *_events(told), *_signals([one for _, one in exports if one.format == read.format])]
    near = [mark for mark in marks if counted.begins - beyond <= mark.at <= counted.ends + beyond]
    title = f"{'DRILL · ' if told.drill else ''}{told.incident}, {one_line(told.title, 80)}"
    picture = picture_of(title, _courses(counted), near, zone)
    if picture is None:
        return None
    return IncidentChart(picture=picture, caption=_caption(picture, read, len(marks) - len(near)))


def _known(counted: Counted) -> timedelta:
    """How much time is known."""
    return sum(one is not None for one in counted.mentions) * counted.span


def _courses(counted: Counted) -> Iterator[Course]:
    mentions = Course("mention_rate", "count", counted.span)
    share = Course("negative_share", "share", counted.span)
    for n, value in enumerate(counted.mentions):
        if value is not None:
            at = counted.begins + n * counted.span
            mentions.add(at, value, None, _UNKNOWN, known=False)
            if counted.rated:
                share.add(at, counted.negative[n], counted.rated[n], _UNKNOWN, known=False)
    yield mentions.coarser(_STEPS[0])
    if any(counted.rated):
        coarser = [share.coarser(most) for most in _STEPS]
        yield next((one for one in coarser if _usually_rated(counted, one.step) >= FEW_RATED), coarser[-1])


def _usually_rated(counted: Counted, step: timedelta) -> int:
    """How many with a sentiment come in a step, by the median of those that have any."""
    spans = max(1, step // counted.span)
    sums = sorted(filter(None, (sum(counted.rated[n : n + spans]) for n in range(0, len(counted.rated), spans))))
    return sums[len(sums) // 2]


def _messages(told: PostMortem) -> Iterator[Mark]:
    for one in told.responses:
        yield Mark(one.at, f"{one.title} on {', '.join(one.places)}", "statement")


def _events(told: PostMortem) -> Iterator[Mark]:
    yield Mark(told.opened_at, "Opened", "event")
    for one in told.severities:
        yield Mark(one.at, f"{one.severity} {SEVERITY_WORDS.get(one.severity, '')}".strip(), "event")
    if told.closed_at is not None:
        yield Mark(told.closed_at, "Closed", "event")


def _signals(exports: Sequence[Measured]) -> Iterator[Mark]:
    """What was unusual, as it began; told once, however many exports say so."""
    told = set[tuple[str, datetime]]()
    for read in exports:
        for signal, figure in read.figures.items():
            if not figure.unusual or figure.since is None or (signal, figure.since) in told:
                continue
            told.add((signal, figure.since))
            share = signal.endswith("_share")
            label = called(signal)
            if figure.value is not None:
                label += f": {short(figure.value, share=share)} in {roughly(timedelta(seconds=figure.window))}"
            if figure.baseline is not None:
                label += f", usually {short(figure.baseline, share=share)}"
            yield Mark(figure.since, label, "signal")


def _caption(picture: Picture, read: Measured, left_out: int) -> str:
    what = f"{heading(picture.courses[0])}"
    for share in picture.courses[1:]:
        what += f", and of each {long(share.step)} the share of negative ones among those with a sentiment"
    files = f" ({', '.join(read.files)})" if read.files else ""
    said = f"{what}; from {read.format}{files}. What nobody knows is left empty."
    if read.estimated:
        said += f" {read.estimated:.0%} of the sentiments are estimates from the words, not the tool's."
    if left_out:
        said += f" {left_out} moment{'' if left_out == 1 else 's'} too far from these figures to be drawn."
    return said
