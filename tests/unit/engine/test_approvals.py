"""Rule 6: who counts, until when, and what is done where nobody is there to count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playing import PEOPLE, START, Play, but, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.approvals import left_behind, translations_behind, who_counts
from crisis.engine.commands import AddPerson
from crisis.engine.events import Member
from crisis.engine.look import roster_of
from crisis.kernel.errors import Refused
from crisis.playbook.conditions import Condition
from crisis.playbook.model import LastResort, SeverityRule, Translation
from crisis.runtime.desk import Case
from crisis.wiring.deciding import waits_for_a_decision

KIM, ANA, CEM, EVA, BO = PEOPLE
TWO = {"x/en": "Stop using it.", "website/en": "Stop using it, please."}


def waiting(people: Any = PEOPLE, *, who: str = "bo", texts: Any = TWO, **of_chain: Any) -> Play:
    play = Play(plan(statement("holding", "holding"), approvals={"public": chain(**of_chain)}), people)
    play.draft(texts, who)
    return play


def test_an_expired_yes_can_be_given_again_by_the_same_person() -> None:
    play = waiting(people=(KIM, ANA, EVA, BO), of=("legal", "executive"))
    play.decide("ana")
    play.decide("eva")
    play.later(hours(2))
    assert play.keys("holding.approve") == ["sign-off"], "the people are there: nobody has to be named, nothing waived"
    play.decide("ana")
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]


def test_a_yes_that_expires_while_others_are_waited_for_brings_a_new_sheet() -> None:
    play = waiting()
    play.decide("ana")
    first = play.message().sheet.id
    play.later(hours(2))
    assert play.message().sheet.id != first
    play.decide("ana")
    play.decide("eva")
    assert play.step("holding.approve").outcome == "approved"


def test_a_later_no_takes_back_an_earlier_yes_to_the_same_text() -> None:
    play = waiting(required=(), veto=("crisis-lead",))
    play.decide("ana")
    play.decide("kim", "no")
    play.draft({"x/en": "Stop using it.", "website/en": "Another."})
    assert {line.place for line in play.message().sheet.lines} == {"x/en", "website/en"}
    play.decide("ana", "no")
    play.decide("kim", "no")
    play.draft({"x/en": "Stop using it.", "website/en": "A third."})
    play.decide("eva")
    assert play.step("holding.approve").status == "started", "Ana has said no to x/en since"
    play.decide("ana")
    assert play.step("holding.approve").outcome == "approved"


@pytest.mark.parametrize(
    ("of_chain", "noes", "outcome"),
    [
        ({"required": ("legal",)}, ["ana"], "rejected"),
        ({"required": (), "veto": ("executive",)}, ["eva"], "rejected"),
        ({"required": ()}, ["eva"], ""),
        ({"required": ()}, ["eva", "ana"], "rejected"),
        ({"required": (), "quorum": 3}, ["kim"], "rejected"),
    ],
)
def test_a_no_ends_it_where_it_is_final_or_leaves_too_few(of_chain: Any, noes: list[str], outcome: str) -> None:
    play = waiting(**of_chain)
    for person in noes:
        play.decide(person, "no")
    assert play.outcomes("holding.approve") == ([outcome] if outcome else [])


def test_nobody_goes_on_over_a_no_because_nobody_else_is_there() -> None:
    play = waiting(people=(KIM, BO, EVA), who="kim", of=("executive", "crisis-lead"), quorum=1, required=())
    play.decide("eva", "no", reason="it is wrong")
    assert play.outcomes("holding.approve") == ["rejected"]
    assert play.step("holding.draft").why_again == "Eva: it is wrong"


def test_after_a_refusal_the_same_text_may_be_put_before_them_again() -> None:
    play = waiting()
    play.decide("ana", "no")
    play.draft()
    assert play.keys("holding.approve") == ["sign-off"]
    play.decide("ana")
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]


def test_skipping_a_text_that_was_refused_leaves_it_out_whoever_had_approved_it() -> None:
    play = waiting(quorum=2, required=(), veto=("executive",))
    play.decide("ana")
    play.decide("eva", "no")
    play.skip("holding.draft", "it is right as it is")
    assert play.outcomes("holding.approve") == ["rejected", "skipped"]
    assert play.outcomes("holding.publish") == ["not-published"]
    assert [one.place for one in play.message().left_out] == ["x/en", "website/en"]


def test_skipping_a_text_that_came_back_keeps_what_is_out_and_what_is_being_posted() -> None:
    play = waiting(of=("legal",), quorum=1)
    play.decide("ana")
    play.publish()
    play.back("holding.draft", "holding.publish", "more is known")
    play.skip("holding.draft", "it is not worth a correction")
    assert play.message().left_out == ()
    assert play.outcomes("holding.publish") == ["published", "published"]


def test_without_a_text_nothing_is_approved_and_nothing_published() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.skip("holding.draft", "nothing to say")
    assert play.outcomes("holding.approve") == ["skipped"]
    assert play.outcomes("holding.publish") == ["not-published"]


def test_skipping_the_approval_publishes_nothing() -> None:
    play = waiting()
    play.skip("holding.approve", "no time")
    assert play.outcomes("holding.publish") == ["not-published"]


# ── deputies ──


def test_the_deputy_counts_from_the_minute_the_time_is_up() -> None:
    play = waiting()
    play.later(minutes(10), tick=False)
    play.decide("cem")
    assert play.message().decisions[-1].person == "cem"


def test_a_role_that_nobody_holds_falls_to_its_stand_in_at_once() -> None:
    from crisis.playbook.model import Role

    play = Play(
        plan(
            statement("holding", "holding"),
            roles={"legal": Role(deputy="executive")},
            approvals={"public": chain(quorum=1)},
        ),
        (KIM, EVA, BO),
    )
    play.draft()
    play.decide("eva")
    assert play.message().decisions[-1].roles == ("legal", "executive")
    assert play.keys("holding.publish") == ["release"]


def test_where_all_are_silent_and_nobody_steps_in_somebody_else_can_be_named() -> None:
    play = waiting(people=(KIM, ANA, EVA, BO), of=("legal",), quorum=1)
    assert play.keys("holding.approve") == ["sign-off"]
    play.later(minutes(10))
    ask = play.asks("holding.approve")[0].ask
    assert (ask.key, ask.optional) == ("name:0", True)
    play.answer("holding.approve", "name:0", {"name": "Ida"}, member=Member(id="ida", name="Ida", roles=("legal",)))
    play.decide("ida", heard_by="kim")
    assert play.keys("holding.publish") == ["release"]


def test_who_is_silent_is_waited_for_by_person_and_time() -> None:
    play = waiting()
    (first, second) = [one for _, one in play.agenda.waiting]
    assert (first.people, first.role, first.until) == (("ana",), "legal", START + minutes(10))
    assert second.people == ("eva", "kim"), "Ana is the one for legal, and Cem steps in when her time is up"
    play.later(minutes(10))
    assert [one.people for _, one in play.agenda.waiting] == [("ana", "cem"), ("ana", "cem", "eva", "kim")]
    assert [one.until for _, one in play.agenda.waiting] == [None, None]


def test_adding_a_person_does_not_change_what_was_counted() -> None:
    play = waiting()
    play.decide("ana")
    play.do(AddPerson(member=Member(id="ana", name="Ana", roles=("executive",))))
    play.do(AddPerson(member=Member(id="lis", name="Lis", roles=("legal",), deputies={"legal": "ana"})))
    play.decide("eva")
    assert play.step("holding.approve").outcome == "approved"


# ── alone ──


def test_truly_alone_one_approver_is_named_and_the_rest_waived() -> None:
    play = waiting(people=(KIM,), who="kim")
    assert play.keys("holding.approve") == ["name:0"]
    ida = Member(id="ida", name="Ida", roles=("legal",))
    play.answer("holding.approve", "name:0", {"name": "Ida"}, member=ida)
    assert play.keys("holding.approve") == ["name:1", "sign-off"]
    play.answer("holding.approve", "name:1", {})
    assert play.keys("holding.approve") == ["sign-off"], "first the one who is there"
    play.decide("ida", heard_by="kim")
    assert play.keys("holding.approve") == ["waiver", "name:2"]
    (waived, *_) = play.answer("holding.approve", "waiver", "it is 3 a.m. and people get hurt")
    assert (waived.rules, waived.reason) == (
        ("1 more person should have approved",),
        "it is 3 a.m. and people get hurt",
    )
    play.publish("holding")
    assert len(play.message().published) == 2


def test_whoever_was_said_to_be_nobody_may_be_named_after_all() -> None:
    play = waiting(people=(KIM,), who="kim")
    play.answer("holding.approve", "name:0", {})
    play.answer("holding.approve", "name:1", {})
    assert play.keys("holding.approve") == ["waiver", "name:2"]
    ida = Member(id="ida", name="Ida", roles=("legal",))
    play.answer("holding.approve", "name:2", {"name": "Ida"}, member=ida)
    assert play.keys("holding.approve") == ["sign-off"]
    play.decide("ida", heard_by="kim")
    assert play.keys("holding.approve") == ["waiver", "name:3"]
    assert play.asks("holding.approve")[0].ask.wants.rules == ("1 more person should have approved",)


def test_with_nobody_at_all_it_is_waived_by_name_for_each_role() -> None:
    play = waiting(people=(KIM,), who="kim")
    play.answer("holding.approve", "name:0", {})
    play.answer("holding.approve", "name:1", {})
    (waived, *_) = play.answer("holding.approve", "waiver", "nobody can be reached")
    assert waived.rules == ("no legal", "1 more person should have approved")
    assert play.keys("holding.publish") == ["release"]


def test_nobody_for_one_role_still_asks_for_the_next() -> None:
    play = waiting(people=(KIM,), who="kim", required=("legal", "executive"))
    play.answer("holding.approve", "name:0", {})
    assert play.keys("holding.approve") == ["name:1"]
    play.answer("holding.approve", "name:1", {})
    (waived, *_) = play.answer("holding.approve", "waiver", "nobody can be reached")
    assert waived.rules == ("no legal", "no executive")


def test_a_waiver_covers_the_texts_it_was_given_for_and_no_other() -> None:
    play = waiting(people=(KIM,), who="kim")
    play.answer("holding.approve", "name:0", {})
    play.answer("holding.approve", "name:1", {})
    play.answer("holding.approve", "waiver", "nobody can be reached")
    play.answer("holding.publish", "release", "edit")
    play.draft({"x/en": "Stop using it.", "website/en": "Another text"}, "kim")
    assert [line.place for line in play.message().sheet.lines] == ["website/en"]
    assert play.keys("holding.approve") == ["name:0"]


def test_a_waiver_is_not_offered_while_somebody_could_be_asked() -> None:
    play = waiting()
    with pytest.raises(Refused):
        play.answer("holding.approve", "waiver", "no time")


# ── last resort ──

RESORT = LastResort(after=minutes(15), when=Condition(fact="danger"), by="crisis-lead", review_within=hours(4))


def silent(*, cleared: bool = True, danger: bool = True) -> Play:
    from playing import FACTS

    from crisis.playbook.model import Fact

    facts = {**FACTS, "danger": Fact(type="yes-no", prompt="Danger?")}
    play = Play(plan(statement("holding", "holding"), approvals={"public": chain(last_resort=RESORT)}, facts=facts))
    play.fact("danger", danger)
    play.draft(cleared=cleared)
    return play


def test_the_last_resort_is_offered_after_its_time_and_not_before() -> None:
    play = silent()
    play.later(minutes(15) - minutes(0.01))
    assert play.keys("holding.approve") == ["sign-off"]
    play.later(minutes(0.01))
    assert play.keys("holding.approve") == ["sign-off", "last-resort"]


@pytest.mark.parametrize(("cleared", "danger"), [(False, True), (True, False)])
def test_the_last_resort_is_for_cleared_texts_and_known_danger_only(cleared: bool, danger: bool) -> None:
    play = silent(cleared=cleared, danger=danger)
    play.later(hours(1))
    assert "last-resort" not in play.keys("holding.approve")


def test_once_somebody_has_answered_it_is_no_last_resort() -> None:
    play = silent()
    play.decide("eva")
    play.later(minutes(20))
    assert "last-resort" not in play.keys("holding.approve")


def test_only_its_role_sends_it_and_it_is_reviewed_afterwards() -> None:
    play = silent()
    play.later(minutes(15))
    with pytest.raises(Refused, match="only the crisis-lead"):
        play.answer("holding.approve", "last-resort", "people get burned", "bo")
    sheet = play.message().sheet.id
    play.answer("holding.approve", "last-resort", "people get burned")
    play.publish()
    due = play.clock("review").due
    assert due == START + minutes(15) + hours(4)
    assert play.clock("approval").note == "without a full approval"
    waiting, reviewed = waits_for_a_decision(Case(play.plan, play.incident, ()), "")
    assert (waiting, reviewed.id) == ("holding", sheet), "it is offered to whoever decides"
    play.decide("ana", sheet=sheet)
    with pytest.raises(Refused, match="nothing waits"):
        waits_for_a_decision(Case(play.plan, play.incident, ()), "")
    assert play.clock("review").met_at == play.now
    play.later(hours(5))
    assert not play.clock("review").is_breached(play.now)


def test_of_a_last_resort_that_went_nowhere_there_is_nothing_to_review() -> None:
    play = silent()
    play.later(minutes(15))
    play.answer("holding.approve", "last-resort", "people get burned")
    play.answer("holding.publish", "release", "post")
    for place in ("x/en", "website/en"):
        play.answer("holding.publish", f"link:{place}", {"left_out": "it is down"})
    with pytest.raises(Refused, match="left out since: there is nothing to decide"):
        play.decide("ana", sheet=play.message().review.id)


def test_a_last_resort_that_nobody_reviews_is_a_breach() -> None:
    play = silent()
    play.later(minutes(15))
    play.answer("holding.approve", "last-resort", "people get burned")
    play.publish()
    breached = of_type(play.later(hours(4)), ev.ClockBreached)
    assert [one.name for one in breached] == ["Review of holding statement sent as a last resort"]


# ── translations ──


def translated(people: Any = PEOPLE, as_offered: Sequence[str] = (), **of_chain: Any) -> Play:
    rule = chain(of=("legal", "executive"), translation=Translation(of=("native-reader",)), **of_chain)
    play = Play(
        plan(
            statement("holding", "holding"),
            approvals={"public": rule},
            messages={"holding": message(channels=("x",), languages=("en", "da"))},
        ),
        people,
    )
    play.draft({"x/en": "Stop using it.", "x/da": "Brug den ikke."}, as_offered=as_offered)
    return play


PIA = Member(id="pia", name="Pia", roles=("native-reader",), languages=("da",))


def test_what_has_its_full_approval_is_not_waived_with_the_rest() -> None:
    rule = chain(of=("legal",), quorum=1, translation=Translation(of=("native-reader",)))
    use = message(languages=("en", "da"), channels=("x",))
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": use}), (KIM, ANA)
    )
    play.draft({"x/en": "Stop using it.", "x/da": "Brug den ikke."}, "kim")
    play.decide("ana")
    while play.keys("holding.approve")[0].startswith("name:"):
        play.answer("holding.approve", play.keys("holding.approve")[0], {})
    (waived, *_) = play.answer("holding.approve", "waiver", "no Danish reader awake")
    assert [line.place for line in waived.lines] == ["x/da"]
    assert waived.rules == ("no native-reader",)


def unread() -> Play:
    """English has its yes, and there is nobody who reads Danish."""
    rule = chain(of=("legal",), quorum=1, translation=Translation(of=("native-reader",)))
    use = message(languages=("en", "da"), channels=("x", "website"))
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": use}), (KIM, ANA)
    )
    texts = {"x/en": "Stop.", "x/da": "Hold op.", "website/en": "Stop it.", "website/da": "Hold op nu."}
    play.draft(texts, "kim")
    play.answer("holding.approve", "name:0", {})
    return play


def test_a_language_that_nobody_reads_is_left_out_and_the_others_go_on() -> None:
    play = unread()
    (ask, *_) = play.asks("holding.approve")
    assert (ask.ask.key, ask.ask.optional) == ("languages", False)
    assert ask.ask.prompt == "Nobody reads Danish. Post holding statement only in English?"
    left = of_type(play.answer("holding.approve", "languages", {"leave_out": "nobody here reads it"}), ev.LeftOut)
    assert [(one.line.place, one.reason) for one in left] == [
        ("x/da", "nobody here reads it"),
        ("website/da", "nobody here reads it"),
    ]
    assert play.events[-1].who == "kim"
    assert play.keys("holding.approve") == ["sign-off"]
    (decided, *_) = play.decide("ana")
    assert [line.place for line in decided.lines] == ["x/en", "website/en"]
    play.answer("holding.publish", "release", "post")
    assert play.keys("holding.publish") == ["link:x/en", "link:website/en"]


def test_a_language_that_is_left_out_was_never_approved() -> None:
    play = unread()
    play.answer("holding.approve", "languages", {"leave_out": "nobody here reads it"})
    play.decide("ana")
    play.answer("holding.publish", "release", "edit")
    texts = {"x/en": "Stop.", "x/da": "Hold op.", "website/en": "Stop it."}
    play.draft(texts, "kim")
    assert [line.place for line in play.message().sheet.lines] == ["x/da"]
    assert play.keys("holding.publish") == []


def test_a_decision_on_texts_of_which_one_was_left_out_since_they_were_shown_is_refused() -> None:
    play = unread()
    shown, sheet = play.incident.version, play.message().sheet.id
    play.answer("holding.approve", "languages", {"leave_out": "nobody here reads it"})
    with pytest.raises(Refused, match="has changed since it was shown"):
        play.decide("ana", as_of=shown)
    by_phone = {"person": "ana", "verdict": "yes", "proof": "verbal", "heard_by": "kim", "read_back": True}
    with pytest.raises(Refused, match="has changed since it was shown"):
        play.answer("holding.approve", "sign-off", by_phone, as_of=shown)
    assert play.message().sheet.id == sheet
    (decided, *_) = play.decide("ana", as_of=play.incident.version)
    assert [line.place for line in decided.lines] == ["x/en", "website/en"]


def test_a_language_that_is_kept_can_be_left_out_later() -> None:
    play = unread()
    play.answer("holding.approve", "languages", {"keep": True})
    play.decide("ana")
    assert [(one.ask.key, one.ask.optional) for one in play.asks("holding.approve")] == [
        ("languages", True),
        ("waiver", False),
        ("name:1", True),
    ]
    play.answer("holding.approve", "languages", {"leave_out": "nobody here reads it"})
    assert play.step("holding.approve").outcome == "approved"
    assert not play.message().waived


def test_a_language_whose_reader_is_silent_can_be_left_out_once_the_time_is_up() -> None:
    play = translated((*PEOPLE, PIA), within=minutes(10))
    assert play.keys("holding.approve") == ["sign-off"]
    play.later(minutes(10))
    assert "languages" in play.keys("holding.approve")


def test_a_language_whose_reader_is_only_silent_is_not_said_to_have_none() -> None:
    rule = chain(of=("legal",), quorum=1, translation=Translation(of=("native-reader",)), within=minutes(10))
    use = message(languages=("en", "da", "de"), channels=("x",))
    ida = Member(id="ida", name="Ida", roles=("legal",), languages=("de",))
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": use}), (KIM, ANA, ida)
    )

    def offered() -> list[str]:
        return [one.ask.prompt for one in play.asks("holding.approve") if one.ask.key == "languages"]

    play.draft({"x/en": "Stop.", "x/da": "Hold op.", "x/de": "Halt."}, "kim")
    play.answer("holding.approve", "name:0", {})
    assert offered() == ["Nobody reads Danish. Post holding statement only in English and German?"]
    play.later(minutes(10))
    assert offered() == ["Nobody reads Danish. Post holding statement only in English and German?"]
    play.answer("holding.approve", "languages", {"leave_out": "nobody here reads it"})
    assert offered() == ["Nobody has vouched for the German. Post holding statement only in English?"]
    play.answer("holding.approve", "languages", {"leave_out": "she is asleep"})
    assert offered() == []


def test_of_languages_that_are_kept_all_that_nobody_vouched_for_can_be_left_out_when_the_time_is_up() -> None:
    rule = chain(of=("legal",), quorum=1, translation=Translation(of=("native-reader",)), within=minutes(10))
    use = message(languages=("en", "da", "de"), channels=("x",))
    ida = Member(id="ida", name="Ida", roles=("legal",), languages=("de",))
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": use}), (KIM, ANA, ida)
    )
    play.draft({"x/en": "Stop.", "x/da": "Hold op.", "x/de": "Halt."}, "kim")
    play.answer("holding.approve", "name:0", {})
    play.answer("holding.approve", "languages", {"keep": True})
    play.later(minutes(10))
    (ask,) = [one.ask for one in play.asks("holding.approve") if one.ask.key == "languages"]
    assert ask.prompt == "Nobody has vouched for the Danish and German. Post holding statement only in English?"


def test_a_source_text_that_was_edited_without_its_translation_is_said_to_whoever_approves() -> None:
    def advice(as_offered: tuple[str, ...]) -> tuple[str, ...]:
        play = translated((*PEOPLE, PIA), as_offered=as_offered)
        (ask,) = (one.ask for one in play.asks("holding.approve") if one.ask.key == "sign-off")
        return ask.advice

    behind = "!! x/en was edited, its translation x/da was not: does it still say the same?"
    assert advice(("x/da",)) == (behind,)
    assert [advice(one) for one in ((), ("x/en",), ("x/en", "x/da"))] == [(), (), ()]


def test_several_translations_that_were_left_behind_are_said_together() -> None:
    behind = [("x", "da"), ("website", "da")]
    said = "x/en, website/en edited, the translations x/da, website/da not: do they still say the same?"
    assert left_behind(behind, "en") == said
    assert left_behind([], "en") == ""


def test_a_translation_stays_behind_in_every_round_until_it_is_edited_or_its_source_is_as_it_was() -> None:
    play = translated((*PEOPLE, PIA))

    def behind_after(english: str, danish: str, as_offered: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
        play.decide("ana", "no")
        play.draft({"x/en": english, "x/da": danish}, as_offered=as_offered)
        return translations_behind(play.message(), "en")

    assert behind_after("Halt.", "Brug den ikke.") == (("x", "da"),), "the Danish was made of “Stop using it.”"
    assert behind_after("Halt, all of you.", "Brug den ikke.") == (("x", "da"),)
    assert behind_after("Halt, all of you.", "Brug den ikke.") == (("x", "da"),), "sent once more as it is"
    assert behind_after("Halt, all of you.", "Hold op.") == ()
    assert behind_after("Halt, all of you.", "Hold op.") == ()
    assert behind_after("Stop.", "Hold op.", as_offered=("x/en",)) == (), "the template says it again"
    assert behind_after("Halt, all of you.", "Hold op.") == ()


def test_who_does_not_read_a_language_relies_on_a_named_reader() -> None:
    play = translated((*PEOPLE, PIA))
    play.decide("ana")
    play.decide("eva")
    assert play.step("holding.approve").status == "started", "both read English only"
    assert [one.role for _, one in play.agenda.waiting] == ["native-reader"]
    play.decide("pia", heard_by="kim")
    assert play.keys("holding.publish") == ["release"]


def test_a_reader_vouches_for_the_language_and_does_not_approve() -> None:
    play = translated((*PEOPLE, PIA))
    play.decide("pia")
    play.decide("ana")
    assert play.step("holding.approve").status == "started"
    play.decide("eva")
    assert play.step("holding.approve").outcome == "approved"


def test_a_reader_decides_on_what_is_translated_and_on_nothing_else() -> None:
    play = translated((*PEOPLE, PIA))
    (decided, *_) = play.decide("pia")
    assert [line.place for line in decided.lines] == ["x/da"]


def test_no_reader_is_asked_for_texts_in_the_source_language() -> None:
    play = translated((*PEOPLE, PIA), within=minutes(10))

    def counting() -> dict[str, tuple[str, ...]]:
        rule = play.plan.approvals["public"]
        return who_counts(play.message(), rule, roster_of(play.plan, play.incident), play.now, "en")

    assert counting()["pia"] == ("native-reader",)
    play.later(minutes(10))
    play.answer("holding.approve", "languages", {"leave_out": "she is asleep"})
    assert "pia" not in counting()
    with pytest.raises(Refused, match="holds none of the roles that approve this text: legal, executive"):
        play.decide("pia")


def test_a_yes_to_a_text_that_was_left_out_since_brings_no_new_sheet_when_it_expires() -> None:
    play = translated((*PEOPLE, PIA), within=minutes(10))
    play.decide("ana", "no")
    play.draft({"x/en": "Halt.", "x/da": "Brug den ikke."}, "eva")
    (decided, *_) = play.decide("eva")
    assert [line.place for line in decided.lines] == ["x/da"], "she wrote the other"
    play.later(minutes(10))
    play.answer("holding.approve", "languages", {"leave_out": "nobody is awake"})
    sheet = play.message().sheet
    play.later(hours(2))
    assert play.message().sheet == sheet


def test_an_approver_who_reads_it_vouches_for_it() -> None:
    play = translated((KIM, ANA, CEM, Member(id="eva", name="Eva", roles=("executive",), languages=("da",)), BO))
    assert play.keys("holding.approve") == ["sign-off"], "nobody needs to be named: Eva reads Danish"
    play.decide("ana")
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]


def test_where_nobody_reads_it_a_reader_is_named() -> None:
    play = translated()
    assert play.asks("holding.approve")[0].ask.wants.roles == ("native-reader",)
    play.answer("holding.approve", "name:0", {"name": "Pia"}, member=PIA)
    play.decide("pia", heard_by="kim")
    play.decide("ana")
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]


# ── chains that change ──

BY_SEVERITY = {
    "approvals": {"public": chain(quorum=1, required=()), "safety": chain(), "short": chain(quorum=1, required=())},
    "messages": {"holding": message(approval={"SEV1": "safety", "": "public"})},
    "severity": {"SEV1": SeverityRule(any_=(Condition(fact="injury"),)), "SEV3": SeverityRule()},
}


def test_when_more_people_must_approve_the_text_goes_back_to_them_with_what_counts_already() -> None:
    play = Play(plan(statement("holding", "holding"), **BY_SEVERITY))
    play.draft()
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]
    sent_back = of_type(play.severity("SEV1"), ev.SentBack)
    assert [(one.to, one.reopens) for one in sent_back] == [("holding.approve", ("holding.approve", "holding.publish"))]
    play.decide("ana")
    assert play.keys("holding.publish") == ["release"]


def test_what_is_being_posted_was_approved_when_it_was_locked() -> None:
    play = Play(plan(statement("holding", "holding"), **BY_SEVERITY))
    play.draft()
    play.decide("eva")
    play.answer("holding.publish", "release", "post")
    play.severity("SEV1")
    play.later(hours(3))
    assert play.keys("holding.publish") == ["link:x/en", "link:website/en"]


def test_a_change_of_chain_while_it_waits_brings_a_new_sheet() -> None:
    play = Play(plan(statement("holding", "holding"), **BY_SEVERITY))
    play.draft()
    old = play.message().sheet
    play.severity("SEV1")
    assert play.message().sheet.chain == "safety"
    with pytest.raises(Refused, match="has changed"):
        play.decide("eva", sheet=old.id)
    play.severity("SEV3")
    assert play.message().sheet.id not in (old.id, ""), "back on the first chain it is still another sheet"


def test_a_cleared_text_takes_the_short_chain_until_it_is_edited() -> None:

    made = message()
    made = but(made, use=but(made.use, cleared_approval="short"))
    play = Play(plan(statement("holding", "holding"), **{**BY_SEVERITY, "messages": {"holding": made}}))
    play.severity("SEV1")
    play.draft(cleared=True)
    assert play.message().sheet.chain == "short"
    play.back("holding.draft", "holding.approve", "typo")
    play.draft(cleared=False)
    assert play.message().sheet.chain == "public"


def test_a_text_that_is_out_is_not_approved_again() -> None:
    play = waiting()
    play.decide("ana")
    play.decide("eva")
    play.publish()
    play.later(hours(3))
    play.back("holding.draft", "holding.publish", "one correction")
    play.draft({"x/en": "Stop using it.", "website/en": "Stop using it at once."})
    assert [line.place for line in play.message().sheet.lines] == ["website/en"]


def test_an_approval_that_lapses_does_not_touch_what_is_not_of_the_statement() -> None:
    play = Play(plan(statement("holding", "holding"), step("list", "action", do="x", after=("holding.draft",))))
    play.draft()
    play.decide("ana")
    play.decide("eva")
    (back,) = of_type(play.later(hours(2)), ev.SentBack)
    assert back.reopens == ("holding.approve", "holding.publish")


def test_a_text_that_was_changed_and_changed_back_is_approved_again() -> None:
    play = waiting()
    play.decide("ana")
    play.decide("eva")
    for text in ("Another.", "Stop using it."):
        play.back("holding.draft", "holding.approve", "no, otherwise")
        play.draft({"x/en": text, "website/en": "Stop using it, please."}, "ana")
    assert [line.place for line in play.message().sheet.lines] == ["x/en"]
    with pytest.raises(Refused, match="wrote this text"):
        play.decide("ana")


def test_a_deputy_is_of_whoever_named_them() -> None:
    bea = Member(id="bea", name="Bea", roles=("legal",), deputies={"legal": "dan"})
    dan = Member(id="dan", name="Dan", roles=("legal",))
    play = waiting((*PEOPLE, bea, dan))
    play.later(minutes(11))
    (decided,) = of_type(play.decide("dan"), ev.Decided)
    assert decided.deputy_for == "bea"


def test_an_approval_that_was_refused_is_not_simply_met() -> None:
    play = waiting()
    play.decide("ana", "no")
    assert [one.note for one in play.agenda.clocks if one.kind == "approval"] == ["refused"]
    assert play.open_steps() == ["holding.draft"]
