"""The texts of a message: shown, accepted as they are, edited in an editor, or some of them left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crisis.adapters.operator import screen
from crisis.adapters.operator.page import Page, read_page, trimmed, write_page
from crisis.adapters.operator.prompts import FactWanted, Live, Option, Prompts, Shown
from crisis.engine.approvals import left_behind
from crisis.engine.events import Json
from crisis.kernel.errors import CrisisError, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import safe, sentence
from crisis.messages.channels import without_their_media
from crisis.messages.languages import called
from crisis.runtime.scene import ProposedText, Question


def drafted_texts(question: Question, prompts: Prompts, live: Live, page: Page) -> Json:
    """The texts to send for approval, as the shape `Draft` wants them."""
    prompts.show(_beforehand(question) + _taken_up(page, question.proposed))
    while True:
        texts = page.texts(question.proposed)
        ready = [text for text in texts if not text.problem]
        as_sent_back = _is_as_sent_back(question, texts, page)
        behind = _left_behind(question, texts)
        doubts = ["Nobody has changed these texts since they came back."] if as_sent_back else []
        doubts += [behind] if behind else []
        changed = "is as you edited it; a fact or the promised time has changed since: read it again."
        doubts += [f"{place} {changed}" for place in page.outdated(question.proposed)]
        missed = _pictures(question, texts) + _left_out(page) + _promised(question, texts)
        prompts.show(screen.drafts(texts) + missed + [Shown(f"  !! {one}", "loud") for one in doubts])
        options = _options(question, texts, len(ready), page)
        # Enter alone sends nothing that came back, that does not fit, whose translation may say something else, or that
        # was written before something changed; nor what is another text than a moment ago, when it may have been meant
        # for that.
        wants_a_hand = doubts or any(one.problem for one in texts)
        are_others = 0 < page.seen < question.facts_changed
        lacks = next((one.key for one in options if one.key.startswith(_FACT)), "")
        default = lacks or ("edit" if wants_a_hand else "whole" if are_others else options[0].key)
        page.seen = max(question.facts_changed, 1)
        chosen = prompts.select(sentence(question.step_title, "?"), options, default, live)
        if chosen == "send":
            return [_as_answer(text) for text in ready]
        if chosen.startswith(_FACT):
            raise FactWanted(chosen.removeprefix(_FACT))
        try:
            _changed(chosen, question, texts, page, prompts, live)
        except CrisisError as error:
            if error.exit >= 128:  # left, or told to stop
                raise
            prompts.show([Shown(error.message, "loud"), Shown(f"  {error.hint}", "quiet")])


def _beforehand(question: Question) -> list[Shown]:
    """What one should know before one writes."""
    return [Shown(f"  {safe(one)}", "loud" if one.startswith("!!") else "quiet") for one in question.around.beforehand]


def _left_behind(question: Question, texts: Sequence[ProposedText]) -> str:
    """That somebody has changed a text by hand, now or in an earlier round, and not what was translated from it."""
    templates = {one.place: one.text for one in question.proposed}
    before = {one.place: one.text for one in question.former.texts}
    by_place = {one.place: one for one in texts}

    def is_edited(one: ProposedText) -> bool:
        return templates.get(one.place) != one.text

    def is_made_of(one: ProposedText, source: ProposedText) -> bool:
        was_written_before = before.get(one.place) == one.text
        return not was_written_before or question.former.sources.get(one.place) == fingerprint(source.text)

    behind = [
        (one.channel, one.language)
        for one in texts
        if one.language != question.source_language
        and (source := by_place.get(f"{one.channel}/{question.source_language}")) is not None
        and is_edited(source)
        and not (is_edited(one) and is_made_of(one, source))
    ]
    return left_behind(behind, question.source_language)


def _promised(question: Question, texts: Sequence[ProposedText]) -> list[Shown]:
    """By when an edited text promises the next update, where that is not what was offered."""
    offered, lines = {one.place: one.promises for one in question.proposed}, []
    for one in texts:
        promises = offered.get(one.place)
        if promises is None or not one.edited or one.promises == promises:
            continue
        if one.promises is None:
            says = "no longer says in the offered words by when the next update comes: no clock counts to one."
            lines.append(Shown(f"  !! {one.place} {says}", "loud"))
        else:
            at = one.promises.astimezone(promises.tzinfo)
            lines.append(Shown(f"  {one.place} promises the next update by {at:%H:%M}.", "good"))
    return lines


def _is_as_sent_back(question: Question, texts: Sequence[ProposedText], page: Page) -> bool:
    """Whether these are the texts that came back, with nothing done to them.

    A proposal may promise a later time than it did; one that was made anew from a changed fact is what was wanted.
    """
    former = {one.place: one.text for one in question.former.texts}
    if not former or question.former.outdated or page.anew or former.keys() != {one.place for one in texts}:
        return False
    return all(not one.edited or former[one.place] == one.text for one in texts)


def _taken_up(page: Page, proposed: Sequence[ProposedText]) -> list[Shown]:
    """What is not as proposed, for a person who comes back to it."""
    lines = [Shown(f"  !! {safe(page.trouble)}", "loud")] if page.trouble else []
    page.trouble = ""
    outdated = page.outdated(proposed)
    if edited := [place for place in page.edits if place not in outdated]:
        which = f"all {len(edited)} texts" if 1 < len(edited) == len(proposed) else ", ".join(edited)
        lines.append(Shown(f"  As you edited it: {which}", "good"))
    return lines


def _left_out(page: Page) -> list[Shown]:
    """What is not sent, and how to send it all the same."""
    if not page.left_out:
        return []
    as_before = ", as last time" if page.left_out <= page.taken_up.left_out else ""
    them = "it" if len(page.left_out) == 1 else "them"
    out = ", ".join(sorted(page.left_out))
    return [Shown(f"  Left out{as_before}: {out} (“Leave some out” brings {them} back)", "loud")]


def _pictures(question: Question, texts: Sequence[ProposedText]) -> list[Shown]:
    """The channels that take no text alone."""
    missing = without_their_media((one.channel, question.has_media) for one in texts)
    advice = f"  {missing}: find one and show it to the approvers, or leave that channel out."
    return [Shown(advice, "quiet")] if missing else []


def _changed(
    chosen: str, question: Question, texts: Sequence[ProposedText], page: Page, prompts: Prompts, live: Live
) -> None:
    """Do what was chosen to the page, or show more of it."""
    match chosen:
        case "whole":
            prompts.show(screen.in_full(texts))
        case "edit":
            _edit(question, texts, page, prompts, live)
        case "again":
            page.clear()
        case "languages":
            out = {one.place for one in texts if one.language in question.elsewhere.languages}
            page.leave_out(page.left_out | out, question.proposed)
        case _:
            _leave_out(question, texts, page, prompts, live)


_FACT = "fact "


def _options(question: Question, texts: Sequence[ProposedText], ready: int, page: Page) -> list[Option]:
    options = []
    if ready:
        out = [text.place for text in texts if text.problem]
        left = f", leave out {', '.join(out)}" if out else ""
        options.append(Option("send", f"Send {ready} text{'s' if ready != 1 else ''} for approval{left}"))
    for name in dict.fromkeys(text.lacks for text in question.proposed if text.lacks and text.place not in page.edits):
        options.append(Option(f"{_FACT}{name}", f"Say {name.replace('_', ' ')}: then there is a text"))
    options += [Option("edit", "Edit in your editor"), Option("whole", "Show every text in full")]
    if len(question.proposed) > 1:
        options.append(Option("some", "Leave some out"))
    shown = {text.language for text in texts}
    if (out := [one for one in question.elsewhere.languages if one in shown]) and len(out) < len(shown):
        options.append(Option("languages", f"Leave out {called(out)}, as in: {safe(question.elsewhere.title)}"))
    if page.edits:
        options.append(Option("again", "Start again from the proposed texts"))
    return options


def _as_answer(text: ProposedText) -> Json:
    answer = {"channel": text.channel, "language": text.language, "text": text.text}
    # The time that an edited text was written with is not the one that is offered by now.
    promise = {"promises": text.promises.isoformat()} if text.edited and text.promises else {}
    return {**answer, **promise}


def _leave_out(question: Question, texts: Sequence[ProposedText], page: Page, prompts: Prompts, live: Live) -> None:
    options = [Option(one.place, one.place, one.problem) for one in question.proposed]
    ticked = {one.place for one in texts if not one.problem}
    kept = prompts.tick("Which ones go out?", options, ticked, live.beside())
    if not kept:
        prompts.show([Shown("None would go out: all is as before. To send nothing, skip this step.", "loud")])
        return
    page.leave_out(frozenset(option.key for option in options if option.key not in kept), question.proposed)


def _edit(question: Question, texts: Sequence[ProposedText], page: Page, prompts: Prompts, live: Live) -> None:
    """Let the person edit the texts; what they wrote is measured at once, and kept."""

    def take(text: str) -> None:
        if written := read_page(text):
            page.write(written, question.proposed, question.limits)

    try:
        text = prompts.edit(write_page(texts), "texts.txt", live, take)
    except Usage as error:
        prompts.show([Shown(error.message, "loud"), Shown(f"  {error.hint}", "quiet")])
        _write_here(question, page, prompts, live.beside())
        return
    written = read_page(text)
    if not written:
        prompts.show([Shown("Nothing was left in the editor: the texts are as before.", "quiet")])
        return
    places = {one.place for one in question.proposed}
    for place in [place for place in written if place not in places]:
        prompts.show([Shown(f"{place} is not a text of this message: left out.", "loud")])
    take(text)


def _write_here(question: Question, page: Page, prompts: Prompts, live: Live) -> None:
    """Where no editor works: the texts are typed at the prompt, one by one, and kept like those of an editor."""
    chosen = ""
    while True:
        texts = {one.place: one for one in page.texts(question.proposed)}
        options = [Option(place, f"Type {place} here", one.problem or one.size) for place, one in texts.items()]
        default = options[0].key if not chosen else "done"
        message = "Which text do you want to type here instead?"
        chosen = prompts.select(message, [*options, Option("done", "None, or no more")], default, live)
        if chosen == "done":
            return
        _write_one(chosen, texts, question, page, prompts, live)


def _write_one(
    place: str, texts: Mapping[str, ProposedText], question: Question, page: Page, prompts: Prompts, live: Live
) -> None:
    as_they_are = {one.place: trimmed(one.text) for one in texts.values()}

    def take(text: str) -> None:
        if text.strip():
            page.write({**as_they_are, place: trimmed(text)}, question.proposed, question.limits)

    said = prompts.write(f"The text for {place}.", texts[place].text, live, take)
    if not said.strip():
        prompts.show([Shown("Nothing was typed: the text is as before.", "quiet")])
    take(said)
