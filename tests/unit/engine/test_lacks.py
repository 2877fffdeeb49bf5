"""What each text lacks to its full approval: all of it is asked or waited for, and nothing else is."""

from __future__ import annotations

from random import Random  # noqa: TID251  # hypothesis makes them, and prints their seed
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import FACTS, START, Play, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine import shapes
from crisis.engine.approvals import Standing, standings, who_counts
from crisis.engine.events import Line, Member
from crisis.engine.graph import approve_step
from crisis.engine.look import roster_of
from crisis.engine.outlook import Outlook
from crisis.engine.steps import Ask, MessageView
from crisis.kernel.errors import CrisisError
from crisis.kernel.fingerprints import fingerprint
from crisis.playbook.authored import changed
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Fact, LastResort, Translation

KIM = Member(id="kim", name="Kim", roles=("crisis-lead",), languages=("en",))
JONAS = Member(id="jonas", name="Jonas Holm", roles=("product-safety",), languages=("en",))
PETRA = Member(id="petra", name="Petra Lind", roles=("legal",), languages=("en",))
IDA = Member(id="ida", name="Ida Krogh", roles=("native-reader",), languages=("da",))
READ = Translation(of=("native-reader",))
BOTH = {"x/en": "Stop using it.", "x/da": "Brug den ikke."}
STEP = "holding.approve"


def safety(*people: Member, languages: tuple[str, ...] = ("en", "da"), **of_chain: Any) -> Play:
    """The chain of the bundled playbook for what can hurt people; Kim writes, and may not approve."""
    usual = {"of": ("product-safety", "legal", "crisis-lead"), "required": ("product-safety",), "translation": READ}
    play = Play(
        plan(
            statement("holding", "holding"),
            approvals={"public": chain(**usual | of_chain)},
            messages={"holding": message(channels=("x",), languages=languages)},
        ),
        (KIM, *people),
    )
    play.draft({place: text for place, text in BOTH.items() if place.endswith(languages)}, "kim")
    return play


def asked(play: Play, key: str = "name") -> Ask:
    (found,) = [one.ask for one in play.asks(STEP) if one.ask.key.partition(":")[0] == key]
    return found


def named(play: Play, member: Member) -> None:
    play.answer(STEP, asked(play).key, {"name": member.name}, member=member)


def nobody(play: Play) -> None:
    play.answer(STEP, asked(play).key, {})


def waited_for(play: Play) -> list[tuple[tuple[str, ...], str]]:
    return [(one.people, one.role) for _, one in play.agenda.waiting]


ANYONE = "product-safety or legal or crisis-lead"


def test_that_nobody_reads_one_language_leaves_the_others_to_be_asked_for() -> None:
    play = safety()
    named(play, JONAS)
    nobody(play)
    assert asked(play).prompt == "It needs 1 more to say yes. Who can, as legal? (name, number; empty: nobody)"
    play.answer(STEP, "languages", {"keep": True})
    play.decide("jonas", heard_by="kim")
    assert "waiver" not in play.keys(STEP), "nobody was asked who else can approve the English"
    nobody(play)
    (waiver,) = [one.ask for one in play.asks(STEP) if one.ask.key == "waiver"]
    assert waiver.advice[0] == "!! Missing: no native reader; 1 more person should have approved."
    (waived, *_) = play.answer(STEP, "waiver", "I work alone tonight")
    assert [line.place for line in waived.lines] == ["x/en", "x/da"]
    assert waived.rules == ("no native-reader", "1 more person should have approved")


def test_that_nobody_has_a_role_leaves_the_number_to_be_asked_for() -> None:
    play = safety(languages=("en",))
    nobody(play)
    two = "It needs 2 more to say yes, product safety among them, which nobody is. Who else can, as legal?"
    assert asked(play).prompt.startswith(two)
    nobody(play)
    (waived, *_) = play.answer(STEP, "waiver", "nobody can be reached")
    assert waived.rules == ("no product-safety", "1 more person should have approved")


def test_the_place_of_a_role_that_nobody_has_falls_to_who_is_there() -> None:
    play = safety(PETRA, languages=("en",), quorum=1)
    assert waited_for(play) == [((), "product-safety")]
    nobody(play)
    assert waited_for(play) == [((), "product-safety"), (("petra",), ANYONE)]
    assert play.keys(STEP) == ["sign-off"]
    play.decide("petra", heard_by="kim")
    (waived, *_) = play.answer(STEP, "waiver", "nobody can be reached")
    assert waived.rules == ("no product-safety",)


def test_each_text_waits_for_all_that_it_lacks() -> None:
    play = safety(JONAS, PETRA, IDA)
    assert waited_for(play) == [
        (("jonas",), "product-safety"),
        (("petra",), ANYONE),
        (("ida",), "native-reader"),
    ]
    play.decide("jonas")
    assert waited_for(play) == [(("petra",), ANYONE), (("ida",), "native-reader")]
    play.decide("ida")
    assert waited_for(play) == [(("petra",), ANYONE)]


def test_how_many_of_several_are_needed_is_said() -> None:
    play = safety(JONAS, PETRA, Member(id="lis", name="Lis", roles=("legal",)), languages=("en",), quorum=3)
    assert waited_for(play) == [(("jonas",), "product-safety"), (("petra", "lis"), f"2 people, {ANYONE}")]


def test_whoever_is_not_there_yet_is_waited_for_as_nobody() -> None:
    play = safety(JONAS, languages=("en",))
    nobody(play)
    assert waited_for(play) == [(("jonas",), "product-safety"), ((), ANYONE)]


def test_an_approver_who_reads_the_language_is_waited_for_as_its_reader() -> None:
    dane = Member(id="dan", name="Dan", roles=("legal",), languages=("da",))
    play = safety(JONAS, dane)
    assert (("dan",), "native-reader") in waited_for(play)


def test_a_deputy_is_waited_for_from_the_minute_they_count() -> None:
    first = Member(id="petra", name="Petra", roles=("legal",), deputies={"legal": "lis"})
    play = safety(JONAS, first, Member(id="lis", name="Lis", roles=("legal",)), languages=("en",))
    assert waited_for(play)[-1] == (("petra",), ANYONE)
    play.later(minutes(10))
    assert waited_for(play)[-1] == (("petra", "lis"), ANYONE)


def test_a_reader_is_asked_for_the_languages_that_nobody_reads() -> None:
    german = Member(id="gerd", name="Gerd", roles=("legal",), languages=("de",))
    made = message(channels=("x",), languages=("en", "da", "de"))
    of = {"of": ("product-safety", "legal"), "required": (), "quorum": 1, "translation": READ}
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": chain(**of)}, messages={"holding": made}),
        (KIM, german),
    )
    play.draft({**BOTH, "x/de": "Halt."}, "kim")
    assert asked(play).prompt.startswith("Somebody who reads Danish must say that the translation is right.")
    assert waited_for(play) == [
        (("gerd",), ANYONE.removesuffix(" or crisis-lead")),
        ((), "native-reader"),
        (("gerd",), "native-reader"),
    ]


def test_whoever_names_who_has_said_yes_already_is_told_that_they_count_once() -> None:
    play = safety(JONAS, languages=("en",))
    play.decide("jonas", heard_by="kim")
    assert asked(play).advice == ("2 different people must say yes; whoever wrote the text does not count.",)
    named(play, Member(id="jonas", name="Jonas Holm", roles=("product-safety", "legal")))
    assert asked(play).advice[0] == "Jonas Holm has said yes already, and counts once: it must be somebody else."
    nobody(play)
    assert play.keys(STEP) == ["waiver", "name:2"]


def test_whoever_names_who_wrote_it_is_told_that_they_do_not_count() -> None:
    play = safety(languages=("en",))
    named(play, Member(id="kim", name="Kim", roles=("crisis-lead", "product-safety")))
    assert asked(play).advice == ("Kim wrote the text, and does not count: it must be somebody else.",)


def test_whoever_names_who_could_approve_before_is_told_that_they_count_once() -> None:
    play = safety(PETRA, languages=("en",), quorum=3)
    named(play, JONAS)
    assert asked(play).advice[0].startswith("3 different people"), "Jonas is one more"
    named(play, PETRA)
    assert asked(play).advice[0] == "Petra Lind is asked already, and counts once: it must be somebody else."
    named(play, Member(id="lis", name="Lis", roles=("legal",)))
    assert play.keys(STEP) == ["sign-off"]


def test_whoever_names_for_a_role_who_counts_as_another_is_told_why_it_is_asked_for_again() -> None:
    play = safety(PETRA, languages=("en",), required=("product-safety", "legal"))
    play.decide("petra", heard_by="kim")
    for _ in range(2):
        named(play, Member(id="petra", name="Petra Lind", roles=("legal", "product-safety")))
        assert asked(play).prompt.startswith("It needs a yes from product safety")
        assert asked(play).advice == ("Petra Lind has said yes already, and counts once: it must be somebody else.",)


def test_who_wrote_one_of_the_texts_is_said_not_to_count_for_that_though_they_count_for_another() -> None:
    play = safety(IDA, PETRA)
    play.back("holding.draft", STEP, "a typo")
    play.draft({**BOTH, "x/da": "Hold op."}, "bo")
    named(play, Member(id="bo", name="Bo", roles=("product-safety",)))
    assert asked(play).prompt.startswith("It needs a yes from product safety"), "of the Danish, which Bo wrote"
    assert asked(play).advice == ("Bo wrote the text, and does not count: it must be somebody else.",)


def test_a_no_to_one_text_ends_nothing_where_another_lacks_people() -> None:
    mia = Member(id="mia", name="Mia", roles=("native-reader",), languages=("da",))
    play = safety(JONAS, IDA, mia)
    play.back("holding.draft", STEP, "a typo")
    play.draft({**BOTH, "x/da": "Hold op."}, "bo")
    play.decide("ida", "no")
    assert asked(play).prompt.startswith("It needs 1 more to say yes."), "Kim wrote the English and not the Danish"
    named(play, Member(id="ida", name="Ida Krogh", roles=("native-reader", "legal"), languages=("da",)))
    assert asked(play).advice[0] == "Ida Krogh has said no: it must be somebody else."
    play.decide("mia", "no")
    assert play.outcomes(STEP) == ["rejected"], "nobody is left who could say yes to the Danish"


def test_once_the_time_is_up_somebody_else_can_be_named_for_whom_nobody_steps_in() -> None:
    first = Member(id="petra", name="Petra", roles=("legal",), deputies={"legal": "lis"})
    play = safety(JONAS, first, Member(id="lis", name="Lis", roles=("legal",)), languages=("en",))
    play.later(minutes(10))
    ask = asked(play)
    assert (ask.wants, ask.optional) == (shapes.NamePerson(roles=("product-safety",)), True)
    assert ask.prompt == "Time is up, and nobody steps in. Who else can say yes as product safety?"
    nobody(play)
    assert play.keys(STEP) == ["sign-off"], "a deputy steps in for legal"


def unreached(play: Play, person: str, role: str) -> None:
    play.answer("call", f"reach:{role}:{person}", "nobody")


def called(*people: Member) -> Play:
    usual = {"of": ("product-safety", "legal", "crisis-lead"), "required": ("product-safety",)}
    play = Play(
        plan(
            step("call", "notify", roles=("product-safety",)),
            statement("holding", "holding"),
            approvals={"public": chain(**usual)},
            messages={"holding": message(channels=("x",), languages=("en",))},
        ),
        (KIM, PETRA, *people),
    )
    play.draft({"x/en": "Stop using it."}, "kim")
    return play


def test_for_who_cannot_be_called_at_all_somebody_else_can_be_named_at_once() -> None:
    play = called(JONAS)
    assert play.keys(STEP) == ["sign-off"]
    unreached(play, "jonas", "product-safety")
    ask = asked(play)
    assert ask.prompt == "Nobody who could can be called. Who else can say yes as product safety?"
    assert ask.optional, "he may call back"
    named(play, Member(id="pia", name="Pia", roles=("product-safety",)))
    assert play.keys(STEP) == ["sign-off"]
    play.decide("pia")
    play.decide("petra")
    assert play.outcomes(STEP) == ["approved"]


def test_who_is_heard_of_again_can_be_called() -> None:
    play = called(JONAS)
    unreached(play, "jonas", "product-safety")
    play.decide("petra", heard_by="kim")
    assert "name:0" in play.keys(STEP), "that was somebody else"
    play.decide("jonas")
    assert play.outcomes(STEP) == ["approved"]
    assert play.incident.out_of_reach == frozenset()


def test_a_deputy_steps_in_at_once_for_who_cannot_be_called_at_all() -> None:
    first = Member(id="jonas", name="Jonas Holm", roles=("product-safety",), deputies={"product-safety": "lis"})
    play = called(first, Member(id="lis", name="Lis", roles=("product-safety",)))
    assert (("jonas",), "product-safety") in waited_for(play)
    unreached(play, "jonas", "product-safety")
    assert (("jonas", "lis"), "product-safety") in waited_for(play)
    assert play.keys(STEP) == ["sign-off"], "nobody else need be named"
    play.decide("lis")
    play.decide("petra")
    assert play.outcomes(STEP) == ["approved"]


def test_a_waiver_holds_for_the_chain_without_which_it_was_to_go_and_for_no_other() -> None:
    chains = {"public": chain(of=("legal",), quorum=1), "safety": chain(of=("product-safety",), quorum=1)}
    chains = {name: changed(one, required=one.of) for name, one in chains.items()}
    made = message(channels=("x",), languages=("en",), approval={"SEV1": "safety", "": "public"})
    play = Play(plan(statement("holding", "holding"), approvals=chains, messages={"holding": made}), (KIM, JONAS))
    play.severity("SEV3")
    play.draft({"x/en": "Stop using it."}, "bo")
    nobody(play)
    play.answer(STEP, "waiver", "no lawyer at night")
    assert play.open_steps() == ["holding.publish"]
    play.severity("SEV1")
    assert play.open_steps() == [STEP], "whoever must say yes now was never asked"
    assert (waited_for(play), play.message().waived) == ([(("jonas",), "product-safety")], ())
    play.decide("jonas")
    play.publish()
    assert [one.without for one in play.message().history] == [""]


def test_who_is_silent_can_be_replaced_where_others_cannot_be_named() -> None:
    play = safety(JONAS, languages=("en",))
    nobody(play)
    assert play.keys(STEP) == ["sign-off"]
    play.later(minutes(10))
    assert asked(play).wants == shapes.NamePerson(roles=("product-safety",))


def test_a_last_resort_looks_at_the_texts_it_would_send_and_at_no_other() -> None:
    resort = LastResort(after=minutes(15), when=Condition(fact="danger"), by="crisis-lead", review_within=hours(4))
    made = message(channels=("x",), languages=("en", "da"))
    play = Play(
        plan(
            statement("holding", "holding"),
            approvals={"public": chain(of=("legal",), quorum=1, last_resort=resort, translation=READ)},
            messages={"holding": made},
            facts={**FACTS, "danger": Fact(type="yes-no", prompt="Danger?")},
        ),
        (KIM, PETRA, IDA),
    )
    play.fact("danger", True)
    texts = [
        ev.DraftedText(
            line=Line(channel="x", language=language, sha256=fingerprint("Stop.")),
            cleared=True,
            edited=language == "da",
        )
        for language in ("en", "da")
    ]
    said = [{"channel": "x", "language": one.line.language, "text": "Stop."} for one in texts]
    play.answer("holding.draft", "texts", {"texts": said}, texts=tuple(texts))
    play.later(minutes(15))
    assert "last-resort" not in play.keys(STEP)
    play.answer(STEP, "languages", {"leave_out": "it was edited"})
    assert "last-resort" in play.keys(STEP)


# ── the law, for any chain, roster and decisions ──

OF = ("legal", "executive", "crisis-lead")


def any_play(rnd: Random) -> Play:
    of = tuple(rnd.sample(OF, rnd.randint(1, 3)))
    reader = rnd.choice([("native-reader",), ("native-reader",), ("native-reader", "agency"), ("legal",)])
    rule = chain(
        of=of,
        quorum=rnd.randint(1, len(of)),
        required=tuple(rnd.sample(of, rnd.randint(0, len(of)))),
        self_approval=rnd.random() < 0.2,
        translation=Translation(of=reader) if rnd.random() < 0.7 else None,
    )
    ids = ["kim", "ana", "bo", "cem", "dan"][: rnd.randint(1, 5)]
    roles = (*OF, "native-reader", "agency", "scribe")
    people = tuple(
        Member(
            id=one,
            name=one.title(),
            roles=tuple(rnd.sample(roles, rnd.randint(1, 2))),
            deputies={role: rnd.choice(ids) for role in rnd.sample(OF, rnd.randint(0, 1))},
            languages=tuple(rnd.sample(("en", "da", "de"), rnd.randint(0, 2))),
        )
        for one in ids
    )
    made = message(channels=("x", "website"), languages=("en", "da", "de"))
    on = plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": made})
    play = Play(on, people)
    texts = {
        f"{channel}/{language}": f"{channel} {language}"
        for channel in ("x", "website")
        for language in ("en", "da", "de")
    }
    play.draft(texts, "kim")
    if len(ids) > 1 and rnd.random() < 0.4:  # of two authors
        play.back("holding.draft", STEP, "a typo")
        play.draft({**texts, "x/en": "another", "website/da": "andet"}, rnd.choice(ids))
    return play


def view_of(play: Play) -> MessageView:
    step = approve_step(play.plan, play.incident, "holding")
    assert step is not None
    view = Outlook(play.plan, play.incident, play.now).message(step)
    assert view is not None
    return view


def lacking(play: Play) -> dict[Line, Standing]:
    """Every text that lacks something, told from the rule of what counts alone."""
    state, rule = play.message(), play.plan.approvals["public"]
    found = standings(state.open_lines(), state, rule, roster_of(play.plan, play.incident), play.now, "en")
    return {line: how for line, how in found.items() if not how.approved}


def if_said_yes(play: Play, person: str) -> Play:
    """The same incident, had that person said yes now."""
    other = object.__new__(Play)
    other.__dict__.update(play.__dict__, events=list(play.events))
    other.decide(person, heard_by="the-operator")
    return other


def helps(play: Play, person: str) -> bool:
    """Whether a yes of that person would give some text something of what it lacks."""
    try:
        then = if_said_yes(play, person)
    except CrisisError:
        return False
    if play.step(STEP).status != then.step(STEP).status:
        return True
    after = lacking(then)
    return any(
        line not in after or after[line].short < how.short or set(after[line].missing) < set(how.missing)
        for line, how in lacking(play).items()
    )


def said_of_nobody(play: Play) -> set[str]:
    answers = [value for key, value in play.step(STEP).answers.items() if key.startswith("name:")]
    return {value.get("nobody", "") for value in answers if "named" not in value}


def holds(play: Play) -> None:
    if play.step(STEP).status != "started":
        return
    lacks, waiting = lacking(play), [one for _, one in play.agenda.waiting]
    asks = {one.ask.key.partition(":")[0]: one.ask for one in play.asks(STEP)}
    of = play.plan.approvals["public"].of
    roles_waited = {one.role for one in waiting}
    # Every role that a text lacks is waited for, and no other.
    anyone = {one for one in roles_waited if one.endswith(" or ".join(of)) and (len(of) > 1 or "," in one)}
    missing = {role for how in lacks.values() for role in how.missing}
    assert missing <= roles_waited
    assert roles_waited - anyone <= {*missing, *of}
    # Whoever is waited for would help, and counts as somebody who may decide.
    roster = roster_of(play.plan, play.incident)
    may = who_counts(play.message(), play.plan.approvals["public"], roster, play.now, "en")
    waited = {person for one in waiting for person in one.people}
    assert waited <= set(may)
    assert all(helps(play, person) for person in waited)
    # Were all of them to say yes, only what is asked for would be left.
    then = play
    for person in waited:
        if then.step(STEP).status == "started" and helps(then, person):
            then = if_said_yes(then, person)
    nobody_yet = {one.role for one in waiting if not one.people}
    if then.step(STEP).status == "started":
        assert nobody_yet, "more is needed than is said"
        assert {role for how in lacking(then).values() for role in how.missing} <= nobody_yet
    # So many are waited for as a text needs more people.
    places = sum(_places(one.role) for one in waiting if one.role in anyone or one.role in of)
    assert all(places >= how.short for how in lacks.values())
    if "waiver" in asks:
        assert not any(helps(play, person) for person in roster.members), "somebody can be asked"
        said = said_of_nobody(play)
        assert missing <= said
        besides = max(how.short - len(set(how.missing) & set(of)) for how in lacks.values())
        assert besides <= 0 or "" in said
        people = "1 more person" if besides == 1 else f"{besides} more people"
        number = (f"{people} should have approved",) if besides > 0 else ()
        assert set(asks["waiver"].wants.rules) == {*(f"no {role}" for role in missing), *number}
    else:
        assert asks, "nobody is asked anything"


def _places(role: str) -> int:
    number, said, _ = role.partition(" people, ")
    return int(number) if said else 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rnd=st.randoms(use_true_random=True))
def test_what_some_text_lacks_is_asked_or_waited_for_and_waived_only_when_nobody_is_left(rnd: Random) -> None:
    play = any_play(rnd)
    for n in range(8):
        holds(play)
        if play.step(STEP).status != "started":
            break
        keys = [one for one in play.keys(STEP) if one != "waiver"]
        key = rnd.choice(keys) if keys else ""
        match key.partition(":")[0]:
            case "name":
                wants = asked(play).wants
                assert isinstance(wants, shapes.NamePerson)
                known = play.incident.roster.get(rnd.choice(list(play.incident.roster)))
                role = rnd.choice(wants.roles)
                fresh = Member(id=f"new{n}", name=f"New {n}", roles=(role,))
                again = Member(id=known.id, name=known.name, roles=(*known.roles, role)) if known else fresh
                member = rnd.choice([None, None, fresh, again])
                value = {"name": member.name, "role": role} if member else {}
                play.answer(STEP, key, value, member=member)
            case "languages":
                play.answer(STEP, key, rnd.choice([{"keep": True}, {"leave_out": "nobody reads it"}]))
            case _ if rnd.random() < 0.2:
                play.later(rnd.choice([minutes(5), minutes(11), hours(2)]))
            case _:
                person = rnd.choice(list(play.incident.roster))
                try:
                    play.decide(person, rnd.choice(["yes", "yes", "yes", "no"]), heard_by="the-operator")
                except CrisisError:
                    continue
    assert play.now >= START
    assert of_type([one.event for one in play.events], ev.ApprovalWaived) == []
