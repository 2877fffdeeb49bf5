"""Rule 6: a release locks the text; what is out is said to be out, and what is not is said not to be."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from playing import START, Play, but, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine import shapes
from crisis.engine.commands import By, CorrectLink, PostAfterAll, SetFact
from crisis.engine.decide import decide
from crisis.engine.events import DraftedText, Line
from crisis.engine.links import same_elsewhere
from crisis.engine.steps import Ask, Open, StepKind
from crisis.kernel.errors import CrisisError, Refused
from crisis.kernel.fingerprints import fingerprint
from crisis.kinds import KINDS
from crisis.kinds.publish import PublishSpec
from crisis.playbook.conditions import Condition
from crisis.playbook.values import Edge, Item
from crisis.projections.names import Names
from crisis.projections.said import statements

LIGHT = {"public": chain(of=("legal",), quorum=1, required=())}


HELD = Condition(outcome={"verify": "done"})


def approved(**more: Any) -> Play:
    play = Play(
        plan(statement("holding", "holding", **more), step("verify", "checklist", items=(Item("a"),)), approvals=LIGHT)
    )
    play.draft()
    play.decide("ana")
    return play


def test_whoever_posts_a_correction_is_told_where_the_text_stands_that_was_wrong() -> None:
    play = approved()
    play.publish()
    play.fact("product", "Kettle 4")
    play.back("holding.draft", "holding.publish", "wrong name")
    play.draft({"x/en": "Stop using Kettle 4.", "website/en": "Please stop using Kettle 4."})
    play.decide("ana")
    play.answer("holding.publish", "release", "post")
    old = {one.line.place: one.link for one in play.message().history}
    for one in play.asks("holding.publish"):
        place = one.ask.wants.line.place
        assert (
            one.ask.advice[-1] == f"!! The one before was wrong: take it down, or say there that it was ({old[place]})"
        )


def test_what_an_approved_text_is_held_for_is_asked_first() -> None:
    other, late = step("ads", "checklist", items=(Item("a"),)), step("late", "checklist", items=(Item("a"),))
    check = step("check", "checklist", items=(Item("a"),))
    verify = step("verify", "checklist", items=(Item("a"),), after=(Edge("check"),))
    facts = step("facts", "question", facts=("product", "injury"))
    holding = statement("holding", "holding", hold_until=Condition(all_=(HELD, Condition(fact="injury"))))
    play = Play(plan(other, late, facts, holding, check, verify, approvals=LIGHT))
    play.draft()
    assert asked(play) == ["ads", "late", "facts", "check"], "the playbook's order"
    play.decide("ana")
    first = play.agenda.asks[0]
    assert (first.step.id, first.ask.key) == ("facts", "injury")
    play.answer("facts", "injury", {"value": True})
    assert asked(play)[0] == "check", "it leads to what the text is held for"
    play.answer("check", "items", [0])
    assert asked(play)[0] == "verify"
    play.answer("verify", "items", [0])
    assert play.keys("holding.publish") == ["release"]


def asked(play: Play) -> list[str]:
    """The steps that must be answered, in the order in which they are asked."""
    return list(dict.fromkeys(one.step.id for one in play.agenda.asks if not one.ask.optional))


def test_a_text_is_locked_posted_by_a_person_and_its_link_kept() -> None:
    play = approved()
    assert play.keys("holding.publish") == ["release"]
    play.answer("holding.publish", "release", "post", "bo")
    assert {line.place for line in play.message().locked} == {"x/en", "website/en"}
    play.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"}, "bo")
    play.answer("holding.publish", "link:website/en", {"left_out": "the site is down"}, "bo")
    assert play.step("holding.publish").outcome == "published"
    (out,) = play.message().published
    assert (out.line.place, out.link, out.who, out.at) == ("x/en", "https://x.example/1", "bo", START)
    assert [line.place for line in play.message().left_out] == ["website/en"]


def test_what_may_be_posted_is_asked_before_all_else() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),)), statement("holding", "holding"), approvals=LIGHT))
    assert [one.step.id for one in play.agenda.asks] == ["verify", "holding.draft"]
    play.draft()
    play.decide("ana")
    assert [one.ask.key for one in play.agenda.asks] == ["release", "items"]
    play.answer("holding.publish", "release", "post")
    assert [one.ask.key for one in play.agenda.asks] == ["link:x/en", "link:website/en", "items"]


def test_a_picture_that_a_channel_needs_is_missed_where_it_is_to_be_posted() -> None:
    use = message(channels=("x", "instagram"))
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT, messages={"holding": use}))
    play.draft({"x/en": "Stop using it.", "instagram/en": "Stop using it."})
    play.decide("ana")
    missing = (
        "!! Instagram takes no post without a picture or a film, and this message has none: "
        "show yours to an approver first."
    )
    assert [one.ask.advice for one in play.asks("holding.publish")] == [(missing,)]
    play.answer("holding.publish", "release", "post")
    assert [one.ask.advice for one in play.asks("holding.publish")] == [(), (missing,)]


def test_where_nothing_was_posted_it_is_not_called_published() -> None:
    play = approved()
    play.answer("holding.publish", "release", "post")
    for place in ("x/en", "website/en"):
        play.answer("holding.publish", f"link:{place}", {"left_out": "down"})
    assert play.step("holding.publish").outcome == "not-published"


def test_a_locked_text_cannot_be_drafted_over() -> None:

    play = approved()
    play.answer("holding.publish", "release", "post")
    # No command leads here: going back withdraws. The door holds nevertheless.
    draft = but(play.step("holding.draft"), status="started", answers={})
    play.incident = but(play.incident, steps={**play.incident.steps, "holding.draft": draft})
    with pytest.raises(Refused, match="about to be posted"):
        play.draft()


def test_edit_takes_the_texts_back_to_the_draft() -> None:
    play = approved()
    (_, back, *_) = play.answer("holding.publish", "release", "edit")
    assert (back.to, back.reopens) == ("holding.draft", ("holding.draft", "holding.approve", "holding.publish"))
    play.draft()
    assert play.keys("holding.publish") == ["release"], "nothing was changed, so nothing is approved again"


def test_publishing_waits_for_what_must_come_first() -> None:
    play = approved(hold_until=Condition(outcome={"verify": "done"}))
    (held,) = play.asks("holding.publish")
    assert (held.ask.key, held.ask.optional) == ("override", True)
    assert held.ask.prompt == (
        "Post the holding statement although “Verify” is not done? Why can it not wait? "
        "(your reason goes into the journal; empty: it waits)"
    )
    assert [one.what for step, one in play.agenda.waiting] == [
        "holding statement is approved and held: “Verify” is not done"
    ]
    with pytest.raises(Refused, match="no longer open"):
        play.answer("holding.publish", "release", "post")
    play.answer("verify", "items", [0])
    assert play.keys("holding.publish") == ["release"]


def test_a_named_person_may_override_a_hold_with_a_reason() -> None:
    play = approved(hold_until=Condition(outcome={"verify": "done"}))
    (overridden,) = of_type(play.answer("holding.publish", "override", "a child was burned"), ev.HoldOverridden)
    assert overridden.reason == "a child was burned"
    assert play.events[-1].who == "kim"
    play.publish()
    assert play.step("holding.publish").outcome == "published"


def test_an_override_holds_for_one_round() -> None:
    play = approved(hold_until=Condition(outcome={"verify": "done"}))
    play.answer("holding.publish", "override", "a child was burned")
    play.back("holding.publish", "holding.publish", "too early")
    (again,) = play.asks("holding.publish")
    assert (again.ask.key, again.ask.suggested) == ("override", "a child was burned")


def test_what_puts_right_a_text_that_did_not_wait_does_not_wait_either() -> None:
    play = approved(hold_until=Condition(outcome={"verify": "done"}))
    play.answer("holding.publish", "override", "a child was burned")
    play.publish()
    for name in ("Kettle 4", "Kettle 5"):
        play.fact("product", name)
        play.back("holding.draft", "holding.publish", "wrong name")
        play.draft({"x/en": f"Stop using {name}.", "website/en": f"Please stop using {name}."})
        play.decide("ana")
        (release,) = play.asks("holding.publish")
        assert release.ask.key == "release"
        assert release.ask.advice[0] == "Posted although “Verify” is not done, as before: a child was burned"
        play.publish()


def test_of_two_terminals_that_release_at_once_the_second_is_refused() -> None:
    play = approved()
    play.answer("holding.publish", "release", "post", "bo")
    with pytest.raises(Refused, match="no longer open"):
        play.answer("holding.publish", "release", "post", "kim")


def test_a_release_is_refused_once_the_approval_has_expired() -> None:
    play = approved()
    play.later(hours(2), tick=False)
    with pytest.raises(Refused):
        play.answer("holding.publish", "release", "post")
    play.later(minutes(0))
    assert play.step("holding.approve").status == "started"


def test_once_released_it_may_be_posted_after_the_approval_has_expired() -> None:
    play = approved()
    play.answer("holding.publish", "release", "post")
    play.later(hours(3))
    play.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"})
    assert len(play.message().published) == 1


def test_what_went_out_last_is_remembered_though_the_text_has_changed() -> None:
    play = approved()
    assert (play.message().first_published_at, play.message().last_publication) == (None, None)
    play.publish()
    play.later(minutes(5))
    play.back("holding.draft", "holding.publish", "more is known")
    play.draft({"x/en": "More.", "website/en": "More, in full."})
    assert play.message().published == ()
    assert play.message().first_published_at == START
    assert play.message().last_publication.line.place == "website/en"


LINE = ev.Line(channel="x", language="en", sha256="0" * 64)


@pytest.mark.parametrize(
    ("wants", "value", "why"),
    [
        (shapes.Release(message="holding", lines=(LINE,)), "post", "x/en is not approved"),
        (shapes.Link(message="holding", line=LINE), {"link": "https://example.org"}, "was not released"),
        (shapes.Waiver(message="holding", rules=()), "nobody is there", "nothing waits for approval"),
        (shapes.LastResortCall(message="holding"), "it burns", "nothing waits for approval"),
    ],
)
def test_a_kind_of_step_that_asks_too_much_publishes_nothing(
    wants: shapes.Shape, value: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckless = StepKind(
        PublishSpec,
        advance=lambda spec, seen: Open(asks=(Ask(key="now", role="", prompt="Now?", wants=wants),)),
        outcomes=lambda spec: (),
        asks=lambda spec: (),
    )
    monkeypatch.setitem(KINDS, "reckless", reckless)  # type: ignore[misc]
    play = Play(plan(step("it", "reckless", message="holding")))
    with pytest.raises(Refused, match=why):
        play.answer("it", "now", value)


def test_a_last_resort_needs_a_chain_that_knows_one(monkeypatch: pytest.MonkeyPatch) -> None:
    wants = shapes.LastResortCall(message="holding")
    reckless = StepKind(
        PublishSpec,
        advance=lambda spec, seen: Open(asks=(Ask(key="now", role="", prompt="Now?", wants=wants),)),
        outcomes=lambda spec: (),
        asks=lambda spec: (),
    )
    monkeypatch.setitem(KINDS, "reckless", reckless)  # type: ignore[misc]
    play = Play(plan(statement("holding", "holding"), step("it", "reckless", message="holding")))
    play.draft()
    with pytest.raises(Refused, match="knows no last resort"):
        play.answer("it", "now", "it burns")


def correction(play: Play, link: str, was: str = "", place: str = "x/en") -> CorrectLink:
    out = next(one for one in play.message().history if one.line.place == place)
    return CorrectLink(message="holding", line=out.line, link=link, was=was or out.link)


def test_a_link_that_was_recorded_wrong_is_corrected_and_what_was_said_first_stays_in_the_journal() -> None:
    play = approved()
    play.publish()
    was = {one.line.place: one.link for one in play.message().published}
    (said,) = of_type(play.do(correction(play, " https://x.example/right ")), ev.LinkCorrected)
    assert (said.link, said.was) == ("https://x.example/right", was["x/en"])
    right = {**was, "x/en": "https://x.example/right"}
    for out in (play.message().published, play.message().history):
        assert {one.line.place: one.link for one in out} == right
    assert was["x/en"] in {one.link for one in of_type([one.event for one in play.events], ev.Published)}
    (one, _) = statements(play.plan, play.events, Names.of(play.plan, play.incident), lambda _: "")
    assert one.link == "https://x.example/right"


@pytest.mark.parametrize(
    ("link", "was", "why"),
    [
        ("https://x.example/1", "", "that is the link of x/en already: nothing was changed"),
        ("https://x.example/2", "https://x.example/0", "was corrected meanwhile"),
        ("somewhere", "", "is no link"),
    ],
)
def test_a_correction_that_changes_nothing_or_comes_too_late_is_refused(link: str, was: str, why: str) -> None:
    play = approved()
    play.answer("holding.publish", "release", "post")
    play.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"})
    with pytest.raises(CrisisError, match=why):
        play.do(correction(play, link, was))


def test_the_link_of_what_is_not_out_is_not_corrected() -> None:
    play = approved()
    line = play.message().lines[0]
    with pytest.raises(CrisisError, match="x/en is not out"):
        play.do(CorrectLink(message="holding", line=line, link="https://x.example/1", was=""))


def test_what_was_left_out_when_the_rest_was_posted_may_be_out_after_all() -> None:
    play = approved()
    play.answer("holding.publish", "release", "post")
    play.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"})
    play.answer("holding.publish", "link:website/en", {"left_out": "the web editor is asleep"})
    (line,) = play.message().left_out
    late = PostAfterAll(message="holding", line=line, link=" https://www.example/1 ")
    with pytest.raises(Refused, match="needs a person"):
        play.do(late, present=False)
    (said,) = of_type(play.do(late), ev.Published)
    assert said.link == "https://www.example/1"
    assert [one.line.place for one in play.message().published] == ["x/en", "website/en"]
    assert play.message().left_out == ()
    with pytest.raises(Refused, match="website/en was not released and left out then"):
        play.do(late)


def test_what_is_posted_late_in_one_place_more_keeps_no_promise() -> None:
    two = statement("holding", "holding"), statement("update", "update", after=("holding.publish",))
    said = {"holding": message(), "update": message(approval={"": "public"}, first_statement=False)}
    play = Play(plan(*two, approvals=LIGHT, messages=said))
    play.draft()
    play.decide("ana")
    play.answer("holding.publish", "release", "post")
    play.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"})
    play.answer("holding.publish", "link:website/en", {"left_out": "asleep"})
    (line,) = play.message().left_out
    due = play.now + hours(3)
    play.draft(of="update", promises=due)
    play.decide("ana", name="update")
    play.publish("update")
    play.later(minutes(10))
    play.do(PostAfterAll(message="holding", line=line, link="https://www.example/1"))
    assert play.clock("next-update").met_at is None


YES_OR_NO = ("injury",)


@pytest.mark.parametrize(
    ("was", "now", "changes"),
    [(None, False, False), (False, None, False), (None, True, True), (True, False, True), (False, True, True)],
)
def test_a_text_that_only_asks_for_a_yes_says_the_same_with_no_as_while_nobody_knew(
    was: bool | None, now: bool | None, changes: bool
) -> None:
    def say(value: bool | None) -> None:
        if value is None:
            play.do(SetFact(fact="injury", value=None, known=False))
        else:
            play.fact("injury", value)

    said = {"holding": message(channels=("x",), facts=("product", "injury"))}
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT, messages=said))
    say(was)
    line = Line(channel="x", language="en", sha256=fingerprint("Stop."))
    made = DraftedText(line=line, says=("product", "injury"), only_asked=YES_OR_NO)
    text = {"texts": [{"channel": "x", "language": "en", "text": "Stop."}]}
    play.answer("holding.draft", "texts", text, "bo", texts=(made,))
    assert play.message().outdated(("injury",), play.incident.facts) == ()
    play.decide("ana")
    play.publish()
    say(now)
    (out,) = play.message().published
    assert out.outdated(("product", "injury"), play.incident.facts) == (YES_OR_NO if changes else ())
    assert play.message().outdated(("injury",), play.incident.facts) == (YES_OR_NO if changes else ())


def test_a_text_that_was_never_released_is_not_out_after_all() -> None:
    play = approved()
    line = play.message().lines[0]
    with pytest.raises(Refused, match="was not released"):
        play.do(PostAfterAll(message="holding", line=line, link="https://x.example/1"))


@pytest.mark.parametrize("drill", [False, True])
def test_no_pipe_corrects_a_link_outside_a_drill(drill: bool) -> None:
    play = approved()
    play.publish()
    incident, by = replace(play.incident, drill=drill), By(who="kim", at=START, id="c", present=False)
    command = correction(play, "https://x.example/right")
    if drill:
        assert decide(play.plan, incident, command, by).incident.message("holding").history[0].link == command.link
    else:
        with pytest.raises(Refused, match="needs a person at a terminal"):
            decide(play.plan, incident, command, by)


def test_of_a_text_that_went_out_twice_the_last_link_is_corrected() -> None:
    play = approved()
    play.publish()
    for text in ("Stop using Kettle 4.", "Stop using Kettle 3."):
        play.back("holding.draft", "holding.publish", "wrong name")
        play.draft({"x/en": text, "website/en": text})
        play.decide("ana")
        play.publish()
    first, *_ = play.message().history
    play.do(correction(play, "https://x.example/right", play.message().last_of(first.line).link))
    links = [one.link for one in play.message().history if one.line == first.line]
    assert links[-1] == "https://x.example/right"
    assert "https://x.example/right" not in links[:-1]


def test_that_two_places_have_the_same_link_is_known_and_of_mail_it_says_nothing() -> None:
    play = approved()
    play.answer("holding.publish", "release", "post")
    for place in ("x/en", "website/en"):
        play.answer("holding.publish", f"link:{place}", {"link": "https://x.example/1"})
    posted, site = play.message().history
    assert same_elsewhere(play.incident, site.line, site.link, before=site.seq) == ("x/en",)
    assert same_elsewhere(play.incident, posted.line, posted.link, before=posted.seq) == ()
    assert same_elsewhere(play.incident, posted.line, "https://x.example/2", before=99) == ()
    mail = replace(site.line, channel="email")
    assert same_elsewhere(play.incident, mail, site.link, before=99) == ()
    play.do(correction(play, "https://x.example/right"))
    assert same_elsewhere(play.incident, site.line, site.link, before=99) == ()
