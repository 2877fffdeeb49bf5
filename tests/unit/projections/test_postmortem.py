from __future__ import annotations

import json
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace
from playing import Play, plan, step

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.render.postmortem import to_markdown
from crisis.engine.commands import Close, PostAfterAll, SetFact, SetSeverity
from crisis.engine.events import DraftedText, Line
from crisis.engine.evolve import fold
from crisis.kernel.fingerprints import fingerprint
from crisis.playbook.authored import changed
from crisis.projections.key_times import ClockRun, key_times, over_all_the_same
from crisis.projections.plain import document
from crisis.projections.postmortem import PostMortem, Record, postmortem
from crisis.runtime.ports import Blob
from crisis.wiring.acting import what_goes_on


def of(story) -> PostMortem:
    case = story.case
    found = story.journal.verify(story.id)

    def text(sha256: str) -> str | None:
        data = story.journal.blob(sha256)
        return data.decode() if data is not None else None

    record = Record(version=found.version, hash=found.hash, problems=found.problems)
    now = story.clock.now()
    return postmortem(case.plan, case.incident, case.events, text=text, record=record, now=now, zone=None)


def clock(told: PostMortem, name: str):
    (found,) = [one for one in told.clocks if one.name == name]
    return found


def test_key_times_count_from_the_first_report_not_from_when_someone_typed(closed) -> None:
    times = {one.name: one.after for one in of(closed).key_times}
    assert times == {
        "Opened": timedelta(minutes=14),
        "Acknowledgement": timedelta(minutes=17),
        "First statement": timedelta(minutes=22),
        "Stood down": timedelta(minutes=142),
        "Closed": timedelta(minutes=142),
    }


def test_what_never_came_is_none_and_said_so(story) -> None:
    told = of(story.opened())
    assert [one.at for one in told.key_times[1:]] == [None] * 4
    text = to_markdown(told, None)
    assert "| First statement | not yet | – | not met yet, and not due |" in text
    assert "| First statement | not yet | – | BREACHED: not met |" in to_markdown(of(story.later(60)), None)
    assert "Not closed yet" in text
    assert "Nothing was posted." in text


def test_a_breached_duty_that_turned_out_to_be_none_is_replaced_by_nothing(cases) -> None:
    plan = cases.make_plan()
    clocks = tuple(replace(one, clock=changed(one.clock, due="24h")) for one in plan.clocks)
    story = cases.Story(MemoryJournal(), plan=replace(plan, clocks=clocks))
    story.opened().later(60 * 24 * 30).note("nobody told the authority")
    story.do(SetFact(fact="injury", value=False))
    (duty,) = [one for one in of(story).clocks if one.kind == "legal"]
    assert (duty.breached, duty.note) == (True, "no longer applies")


def test_a_clock_met_late_is_breached_by_how_much(story) -> None:
    story.opened().drafted().later(20).decided("eva").decided("ana").published()
    first = clock(of(story), "First statement")
    assert (first.breached, first.late) == (True, timedelta(minutes=4))
    assert "4 min late" in to_markdown(of(story), None)


def test_a_clock_not_met_is_late_until_now(story) -> None:
    story.opened().later(60).note("still nothing")
    assert clock(of(story), "First statement").late == timedelta(minutes=44)


def test_a_breach_stays_when_its_clock_is_replaced(story) -> None:
    story.opened().drafted().later(11).note("nobody answers").decided("ana", "no", reason="too soon").drafted()
    breached = [one for one in of(story).clocks if one.name.startswith("Approval") and one.breached]
    assert [one.note for one in breached] == ["replaced by a later clock"]


def test_a_duty_without_an_hour_says_when_it_was_done_or_that_nobody_knows(story, cases) -> None:
    def duty() -> str:
        (row,) = [line for line in to_markdown(of(story), None).splitlines() if "as soon as possible" in line]
        return row

    story.opened()
    assert "| open: whether it was done is not recorded here" in duty()
    assert any("GPSR" in line or "authority" in line.lower() for line in what_goes_on(story.case))
    story.answer("authority", "items", [0, 1], "ana")
    assert "| done " in duty()
    assert what_goes_on(story.case) == ["Legal duties that stand here as done: Tell the authority of an accident"]


def test_every_promise_stands_among_the_clocks_with_when_it_was_kept(story) -> None:
    story.opened()
    first, second = (story.clock.time + timedelta(minutes=count) for count in (60, 150))
    story.drafted(promises=first).decided("eva").decided("ana").published().later(65)
    story.back("holding.draft", "holding.publish", "more is known")
    story.drafted({"x": "More is known.", "facebook": "More."}, promises=second).decided("eva").decided(
        "ana"
    ).published()
    rows = [one for one in of(story.later(5)).clocks if one.kind == "next-update"]
    assert [(one.due, one.breached, one.late, one.met_at is None) for one in rows] == [
        (first, True, timedelta(minutes=5), False),
        (second, False, None, True),
    ]


def test_a_promised_update_that_was_left_open_is_named_in_the_summary(story) -> None:
    due = story.clock.time + timedelta(minutes=60)
    story.opened().drafted(promises=due).decided("eva").decided("ana").published()
    left = "- **LEFT OPEN AT THE CLOSE:** Promised update (holding statement), due 2026-03-07 02:50 UTC.\n"
    before = to_markdown(of(story), UTC)
    assert left not in before
    assert "| Promised update (holding statement) | 2026-03-07 02:50 UTC | not met yet |" in before
    story.later(4).do(Close(reason="it was a hoax"))
    text = to_markdown(of(story), UTC)
    assert left in text
    assert "No clock was breached." in text
    assert "| Promised update (holding statement) | 2026-03-07 02:50 UTC | left open at the close |" in text


@pytest.mark.parametrize(
    ("ticked", "said"),
    [
        ([0], "seen too early: Quiet for a day (!! the first report came 12 min ago, and this asks for 24 h)."),
        ([], "The source has withdrawn it (not seen: Quiet for a day)."),
    ],
)
def test_what_spoke_against_its_being_over_stands_in_the_summary(ticked: list[int], said: str) -> None:
    for_a_day = {"Quiet for a day": timedelta(hours=24)}
    over = step("it", "stand-down", on={"agreed": "close", "not-yet": "it"})
    play = Play(plan(over, criteria=tuple(for_a_day), criteria_for=for_a_day))
    play.later(timedelta(minutes=12))
    play.answer("it", "criteria", ticked)
    play.answer("it", "choice", "agreed")
    if not ticked:
        play.answer("it", "why", "The source has withdrawn it")
    record = Record(version=play.incident.version, hash="0" * 64, problems=())
    told = postmortem(
        play.plan, play.incident, play.events, text=lambda sha256: None, record=record, now=play.now, zone=None
    )
    assert f"- **AGREED TO BE OVER ALL THE SAME:** {said}\n" in to_markdown(told, UTC)


def test_what_was_agreed_and_taken_back_is_not_told_as_agreed() -> None:
    play = Play(
        plan(
            step("it", "stand-down", on={"not-yet": "it"}),
            step("then", "action", do="x", after=("it",)),
            criteria=("Q",),
        )
    )
    for key, value in (("criteria", []), ("choice", "agreed"), ("why", "The source has withdrawn it")):
        play.answer("it", key, value)
    assert over_all_the_same(play.plan, play.events) == "The source has withdrawn it (not seen: Q)"
    play.back("it", "then", "it is not over")
    assert over_all_the_same(play.plan, play.events) == ""
    assert key_times(play.plan, play.incident, play.events, play.now)[3].at is None


def test_where_nothing_spoke_against_its_being_over_the_summary_says_nothing(closed) -> None:
    assert of(closed).over_all_the_same == ""
    assert "ALL THE SAME" not in to_markdown(of(closed), UTC)


def test_a_text_is_told_exactly_with_fingerprint_link_and_approvals(closed, cases) -> None:
    (said,) = of(closed).statements
    assert (said.channel, said.text, said.link, said.who) == ("x", cases.HOLDING["x"], "https://x.example/1", "Bo Lind")
    eva, ana = said.approved_by
    assert (eva.person, eva.roles, eva.proof, eva.heard_by) == ("Eva Holm", ("Executive",), "present", "")
    assert (ana.person, ana.roles, ana.proof, ana.heard_by) == ("Ana Berg", ("Legal",), "verbal", "Kim Dahl")
    assert said.sha256 in to_markdown(of(closed), None)


def test_the_same_text_is_quoted_once_for_all_the_places_it_went_to(story, cases) -> None:
    story.opened().drafted({"x": "Stop using it.", "facebook": "Stop using it."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    for place in ("x/en", "facebook/en"):
        story.answer("holding.publish", f"link:{place}", {"link": f"https://{place[0]}.example/1"}, "bo").later(1)
    text = to_markdown(of(story), None)
    assert text.count("Stop using it.") == 1
    assert "### Holding statement on x/en, facebook/en, " in text
    assert "- **Posted** on facebook/en " in text
    assert "<https://f.example/1>" in text
    assert len(of(story).statements) == 2


def test_what_the_notice_says_of_all_clocks_is_said_once(closed) -> None:
    told = of(closed)
    clock = ClockRun(
        name="Tell them",
        kind="legal",
        since=told.opened_at,
        due=None,
        met_at=None,
        breached=False,
        late=None,
        note="ask counsel",
    )
    text = to_markdown(replace(told, clocks=(clock,), notice="not legal advice: ask counsel"), None)
    assert text.count("ask counsel") == 1
    assert to_markdown(replace(told, clocks=(clock,), notice=""), None).count("(ask counsel)") == 1


def test_what_was_skipped_met_nothing(closed) -> None:
    told = of(closed)
    clock = ClockRun(
        name="Families first",
        kind="step",
        since=told.opened_at,
        due=told.opened_at + timedelta(minutes=30),
        met_at=told.opened_at + timedelta(minutes=5),
        breached=False,
        late=None,
        skipped=True,
    )
    text = to_markdown(replace(told, clocks=(clock,)), None)
    (row,) = [line for line in text.splitlines() if line.startswith("| Families first")]
    assert "| skipped " in row
    assert "met" not in row


def test_the_first_report_is_one_moment_wherever_it_stands(story) -> None:
    """`now` is typed a moment after it was opened."""
    story.later(2).do(SetFact(fact="aware_at", value=(story.clock.now()).isoformat()))
    told = of(story)
    (known,) = [one for one in told.facts if one.fact == "aware_at"]
    assert told.known_since == told.opened_at
    assert known.value == f"{told.opened_at.astimezone():%Y-%m-%d %H:%M %Z}"


def test_a_deputy_is_named_as_one(story) -> None:
    story.opened().drafted().later(11).decided("cem").decided("eva").published()
    (cem, _) = of(story).statements[0].approved_by
    assert cem.deputy_for == "Ana Berg"
    assert "Cem Aydin (Legal, deputy for Ana Berg)" in to_markdown(of(story), None)


def test_a_waiver_stands_out_with_who_and_why(cases) -> None:
    story = cases.Story(MemoryJournal(), people=cases.PEOPLE[:1]).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night").published()
    told = of(story)
    (waiver,) = told.statements[0].exceptions
    assert (waiver.how, waiver.who, waiver.reason) == ("waived", "Kim Dahl", "alone at night")
    text = to_markdown(told, None)
    assert "**WITHOUT A FULL APPROVAL:** waived" in text
    assert "1 of them WITHOUT A FULL APPROVAL." in text
    assert "“Holding statement (approval)” ended: without a full approval" in text
    assert "ended: approved" not in text


def test_an_approval_that_had_expired_when_the_text_was_posted_is_not_counted(story) -> None:
    story.opened().drafted().decided("eva").later(119).decided("ana")
    story.later(2)  # Eva's two hours are over, so she is asked again
    story.decided("eva").published()
    said = of(story).statements[0]
    at = {one.person: one.at for one in said.approved_by}
    assert set(at) == {"Eva Holm", "Ana Berg"}
    assert at["Eva Holm"] > at["Ana Berg"]


def test_a_refusal_is_told_with_its_reason(story) -> None:
    story.opened().drafted().decided("ana", "no", reason="we admit too much")
    (no,) = of(story).refusals
    assert (no.person, no.roles, no.reason, no.places) == (
        "Ana Berg",
        ("Legal",),
        "we admit too much",
        ("x/en", "facebook/en"),
    )
    assert "we admit too much" in to_markdown(of(story), None)


def test_the_history_of_the_severity_keeps_reasons_and_proposals(story) -> None:
    story.opened().later(5).do(SetSeverity(severity="SEV3", reason="it was one kettle"))
    first, second = of(story).severities
    assert (first.severity, second.severity, second.reason, second.proposed) == (
        "SEV1",
        "SEV3",
        "it was one kettle",
        "SEV1",
    )
    assert of(story).worst == "SEV1"


def test_what_was_stopped_says_who_and_whether_it_goes_again(closed, story) -> None:
    (newsletter,) = of(closed).stopped
    assert (newsletter.account, newsletter.who, newsletter.evidence, newsletter.resumed_by) == (
        "Newsletter",
        "Bo Lind",
        "paused by Bo",
        "Bo Lind",
    )
    story.opened().answer("freeze", "accounts:0", {"Newsletter": "by Bo", "Ads": "by Bo"}, "bo")
    assert [one.resumed_at for one in of(story).stopped] == [None, None]
    assert "STILL STOPPED" in to_markdown(of(story), None)


def test_what_shows_that_it_was_stopped_is_told_also_when_it_was_said_afterwards(story) -> None:
    story.opened().answer("freeze", "accounts:0", {"Newsletter": "", "Ads": ""}, "bo")
    story.answer("freeze", "evidence:Newsletter", "paused by Bo, see the queue", "bo")
    assert [one.evidence for one in of(story).stopped] == ["paused by Bo, see the queue", ""]


def test_who_was_called_and_what_they_said_is_told(closed) -> None:
    assert [(one.person, one.role, one.answer) for one in of(closed).calls] == [
        ("Ana Berg", "Legal", "no-answer"),
        ("Cem Aydin", "Legal", "acknowledged"),
    ]


def test_who_cannot_be_called_at_all_is_said_to_be_so(story) -> None:
    story.opened().answer("call", "reach:legal:ana", "nobody")
    text = to_markdown(of(story), None)
    assert "| Ana Berg | Legal | cannot be called at all | Kim Dahl |" in text
    assert "Called Ana Berg (Legal): cannot be called at all" in text


def test_causes_lessons_and_actions_come_from_the_debrief(closed) -> None:
    told = of(closed)
    assert told.impact == "One burned hand"
    assert {one.key: one.answer for one in told.debrief}["cause"] == "A seal that leaks"
    assert told.debrief[-1].question == "When did customer care first have it?"
    (action,) = told.actions
    assert (action.action, action.owner, action.due) == ("Get the key", "Bo", "2026-04-01")


def test_of_two_debriefs_both_are_told() -> None:
    play = Play(
        plan(
            step("hot", "debrief", title="Hot debrief"),
            step("cold", "debrief", title="Cold debrief", after=("hot",), on={"done": "close"}),
        )
    )
    for name in ("hot", "cold"):
        for key in ("cause", "impact", "worked", "failed"):
            play.answer(name, key, "" if (name, key) == ("cold", "worked") else f"{key}, {name}")
        play.answer(name, "action:0", [{"action": f"Mend it, {name}", "owner": "Bo", "due": "2026-04-01"}])
        play.answer(name, "action:1", [])
    record = Record(version=play.incident.version, hash="0" * 64, problems=())
    told = postmortem(
        play.plan, play.incident, play.events, text=lambda sha256: None, record=record, now=play.now, zone=None
    )
    assert told.impact == "Hot debrief: impact, hot; Cold debrief: impact, cold"
    assert [one.action for one in told.actions] == ["Mend it, hot", "Mend it, cold"]
    lessons = to_markdown(told, None).partition("## Causes and lessons")[2].partition("## Action items")[0]
    said = [line for line in lessons.splitlines() if line and not line.startswith("#")]
    assert said == [
        "Hot debrief: cause, hot",
        "Cold debrief: cause, cold",
        "Hot debrief: worked, hot",
        "Hot debrief: failed, hot",
        "Cold debrief: failed, cold",
    ]


def test_without_a_debrief_it_says_so(story) -> None:
    text = to_markdown(of(story.opened()), None)
    assert text.count("Not said in the debrief.") == 5
    assert "None were recorded." in text


def test_what_was_left_is_named_with_its_reason(closed) -> None:
    left = {one.what: (one.how, one.why, one.who) for one in of(closed).left}
    assert left["Insurer"] == ("skipped", "no policy for this", "Ana Berg")
    assert left["Is it real?"] == ("partly", "care is asleep (not done: Search the care tickets)", "Bo Lind")
    (facebook,) = [value for what, value in left.items() if "facebook/en" in what]
    assert facebook == ("not posted there", "the page is down", "Bo Lind")


def test_an_incident_closed_early_names_what_is_open_unposted_and_never_begun(story) -> None:
    story.opened().drafted().do(Close(reason="it was a hoax"))
    ways = {one.what: one.how for one in of(story).left}
    assert ways["Insurer"] == "left open"
    assert ways["Holding statement (publishing)"] == "never begun"
    assert [how for what, how in ways.items() if what.startswith("Holding statement on x/en")] == [
        "written, NOT POSTED"
    ]


def test_what_was_left_out_and_posted_after_all_is_not_left(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    assert [one.how for one in of(story).left if "facebook/en" in one.what] == ["not posted there"]
    (line,) = fold(story.journal.read(story.id)).message("holding").left_out
    story.do(PostAfterAll(message="holding", line=line, link="https://fb.example/1"))
    assert [one.how for one in of(story).left if "facebook/en" in one.what] == []


def test_what_is_out_and_wrong_is_named_as_long_as_it_is(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    assert "OUT AND WRONG" not in [one.how for one in of(story).left]
    story.do(SetFact(fact="product", value="Kettle 4"))
    (x,) = [one for one in of(story).left if one.how == "OUT AND WRONG" and "x/en" in one.what]
    assert (x.what, x.why) == ("Holding statement on x/en e13646a5…", "it says product as it was")


def test_what_was_left_out_when_it_was_written_is_named_once(cases) -> None:
    plan = cases.make_plan()
    holding = plan.messages["holding"]
    use = replace(holding.use, channels=("x", "facebook", "instagram"), languages=("en", "da"))
    story = cases.Story(MemoryJournal(), plan=replace(plan, messages={"holding": replace(holding, use=use)}))
    story.opened().drafted()
    left = [one for one in of(story).left if one.how == "left out when it was written"]
    assert [(one.what, one.who) for one in left] == [
        ("Holding statement in Danish, and on instagram/en", "Bo Lind"),
    ]
    story.decided("ana", "no", reason="not yet").drafted(who="kim")
    assert [one.who for one in of(story).left if one.how == "left out when it was written"] == ["Kim Dahl"]


def test_a_sensitive_fact_is_recorded_and_not_told(cases) -> None:
    story = cases.Story(MemoryJournal()).facts(victims="Jane Roe")
    told = of(story)
    (victims,) = [one for one in told.facts if one.fact == "victims"]
    assert (victims.known, victims.sensitive, victims.value) == (True, True, "")
    assert "Jane Roe" not in to_markdown(told, None) + json.dumps(document(told))


def test_a_text_that_is_gone_is_said_to_be_gone(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    sha256 = of(story).statements[0].sha256
    story.journal.erase(sha256)
    told = of(story)
    assert told.statements[0].text is None
    text = to_markdown(told, None)
    assert "The exact text is not in the journal any more." in text
    assert "THE RECORD IS NOT AS IT WAS WRITTEN" in text


def test_a_drill_is_marked_in_every_heading_and_row(cases) -> None:
    story = cases.whole(cases.Story(MemoryJournal(), drill=True, incident="DRILL-2026-0001"))
    text = to_markdown(of(story), None)
    inside = False
    for line in text.splitlines():
        inside ^= line.startswith("```")
        if line.startswith(("#", "- ")) or (line.startswith("| ") and not line.startswith(("| ---", *_headers(text)))):
            assert inside or "DRILL" in line, line


def _headers(text: str) -> tuple[str, ...]:
    lines = text.splitlines()
    return tuple(above for above, below in pairwise(lines) if below.startswith("| ---"))


def test_the_json_is_one_document_of_plain_values(closed) -> None:
    told = json.loads(json.dumps(document(of(closed))))
    assert told["schema_version"] == 1
    assert told["statements"][0]["approved_by"][1]["heard_by"] == "Kim Dahl"
    assert told["key_times"][2] == {
        "name": "First statement",
        "at": "2026-03-07T01:58:00+00:00",
        "after": 1320,
        "due": "2026-03-07T02:06:00+00:00",
        "breached": False,
    }


@pytest.mark.parametrize("again", [1, 2])
def test_the_same_closed_incident_gives_the_same_bytes(closed, again: int) -> None:
    first = to_markdown(of(closed), None)
    closed.clock.time += timedelta(days=again)
    assert to_markdown(of(closed), None) == first


# ── what was wrong while it was out ─────────────────────────────────────────


def corrected(story):
    """Kettle 3 is posted on two channels; nine minutes later it is Kettle 4, five minutes on X says so."""
    story.opened().drafted().decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    for place in ("x", "facebook"):
        story.answer("holding.publish", f"link:{place}/en", {"link": f"https://{place}.example/1"}, "bo")
    story.later(9).do(SetFact(fact="product", value="Kettle 4"))
    story.later(5).back("holding.draft", "holding.publish", "it is Kettle 4")
    story.drafted({"x": "Stop using Kettle 4."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    return story.answer("holding.publish", "link:x/en", {"link": "https://x.example/2"}, "bo")


def test_a_fact_says_what_it_was_before_and_until_when(story) -> None:
    (product,) = [one for one in of(corrected(story)).facts if one.fact == "product"]
    (was,) = product.before
    opened = story.case.incident.opened_at
    assert (product.value, was.value) == ("Kettle 4", "Kettle 3")
    assert (was.since, was.until) == (opened, opened + timedelta(minutes=9))
    row = next(line for line in to_markdown(of(story), UTC).splitlines() if line.startswith("| Which product?"))
    assert "| Kettle 4 (was Kettle 3 from 2026-03-07 01:50 UTC to 2026-03-07 01:59 UTC) |" in row


def test_a_fact_that_was_not_known_for_a_while_says_so_and_since_when_it_stands(story) -> None:
    story.opened().later(9).do(SetFact(fact="product", known=False))
    story.later(5).do(SetFact(fact="product", value="Kettle 4", since=story.case.incident.opened_at))
    row = next(line for line in to_markdown(of(story), UTC).splitlines() if line.startswith("| Which product?"))
    assert "(was Kettle 3 from 2026-03-07 01:50 UTC to 2026-03-07 01:59 UTC; not known from 2026-03-07 01:59" in row
    assert row.endswith("| 2026-03-07 02:04 UTC, known since 2026-03-07 01:50 UTC |")


def test_what_a_sensitive_fact_was_is_not_told_either(cases) -> None:
    story = cases.Story(MemoryJournal()).facts(victims="Jane Roe")
    story.later(1).do(SetFact(fact="victims", sealed="e" * 64))
    told = of(story)
    (victims,) = [one for one in told.facts if one.fact == "victims"]
    assert [one.value for one in victims.before] == [""]
    text = to_markdown(told, None) + json.dumps(document(told))
    assert "Jane Roe" not in text
    assert "was recorded otherwise before" in text


def test_a_text_that_was_corrected_says_for_how_long_it_stood_there_wrong(story) -> None:
    x, facebook, later = of(corrected(story)).statements
    changed = story.case.incident.opened_at + timedelta(minutes=9)
    (wrong,) = x.afterwards.wrong
    assert (wrong.fact, wrong.since, wrong.until) == ("product", changed, changed + timedelta(minutes=5))
    assert x.afterwards.followed is not None
    assert (x.afterwards.followed.link, x.afterwards.followed.replaces) == ("https://x.example/2", True)
    assert [one.until for one in facebook.afterwards.wrong] == [None]
    assert (later.afterwards.wrong, later.afterwards.followed) == ((), None)
    text = to_markdown(of(story), UTC)
    assert "- **Replaced** by a later text at 2026-03-07 02:04 UTC" in text
    assert "product was known to be otherwise from 2026-03-07 01:59 UTC to 2026-03-07 02:04 UTC (5 min)" in text
    assert "product is known to be otherwise since 2026-03-07 01:59 UTC, and nothing has put it right" in text
    assert "2 of them said product as it was: known to be otherwise for up to 5 min, and 1 still does." in text
    assert document(of(story))["statements"][0]["afterwards"]["wrong"][0]["fact"] == "product"


def test_a_fact_that_is_so_again_ends_what_was_wrong(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    story.later(1).do(SetFact(fact="product", value="Kettel"))
    story.later(1).do(SetFact(fact="product", value="Kettle 3"))
    (wrong,) = of(story).statements[0].afterwards.wrong
    assert wrong.until == wrong.since + timedelta(minutes=1)
    assert "Replaced" not in to_markdown(of(story), None)


def test_the_same_text_in_several_places_says_of_each_what_became_of_it(story) -> None:
    story.opened().drafted({"x": "Stop using it.", "facebook": "Stop using it."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    for place in ("x", "facebook"):
        story.answer("holding.publish", f"link:{place}/en", {"link": f"https://{place}.example/1"}, "bo")
    story.later(1).do(SetFact(fact="product", value="Kettle 4"))
    text = to_markdown(of(story), UTC)
    assert "- **WRONG:** on x/en, facebook/en product is known to be otherwise since 2026-03-07 01:51 UTC" in text
    assert "2 of them said product as it was: 2 still do." in text


def test_a_text_edited_by_hand_and_a_translation_it_left_behind_are_called_so(cases) -> None:
    plan = cases.make_plan()
    holding = plan.messages["holding"]
    use = replace(holding.use, channels=("x",), languages=("en", "da"))
    messages = {"holding": replace(holding, use=use)}
    story = cases.Story(MemoryJournal(), plan=replace(plan, messages=messages)).opened()
    blobs, texts, said = [], [], []
    for language, text, edited in (("en", "Unplug Kettle 3.", True), ("da", "Brug ikke Kettle 3.", False)):
        line = Line(channel="x", language=language, sha256=fingerprint(text))
        blobs.append(Blob(key=line.sha256, data=text.encode()))
        texts.append(DraftedText(line=line, edited=edited))
        said.append({"channel": "x", "language": language, "text": text})
    story.answer("holding.draft", "texts", {"texts": said}, "bo", texts=tuple(texts), blobs=blobs)
    story.decided("eva").decided("ana").answer("holding.publish", "release", "post", "bo")
    for place in ("x/en", "x/da"):
        story.answer("holding.publish", f"link:{place}", {"link": f"https://x.example/{place[-2:]}"}, "bo")
    english, danish = (one.afterwards for one in of(story).statements)
    assert (english.edited, english.behind, danish.edited, danish.behind) == (True, False, False, True)
    text = to_markdown(of(story), None)
    assert text.count("**Edited** by hand") == 1
    assert text.count("**TRANSLATION LEFT BEHIND:**") == 1


def test_how_much_was_said_counts_channels_and_languages_apart_and_names_what_was_internal(closed) -> None:
    told = of(closed)
    assert "- 1 text went out, in 1 channel, in 1 language.\n" in to_markdown(told, None)
    (one,) = told.statements
    texts = (one, replace(one, language="da"), replace(one, channel="internal"))
    summary = to_markdown(replace(told, statements=texts), None)
    assert "- 3 texts went out, in 2 channels, in 2 languages; 1 of them internal.\n" in summary


def test_facts_that_were_asked_for_and_never_known_are_named_in_one_line(closed, story) -> None:
    assert [one.what for one in of(closed).left if one.how == "not known at the close"] == ["Facts: victims"]
    assert not [one.what for one in of(story).left if one.what.startswith("Facts")], "nobody was asked"
    assert [one.how for one in of(story.facts()).left if one.what == "Facts: victims"] == ["not known yet"]


def test_what_was_sent_to_people_says_to_whom(closed) -> None:
    told = of(closed)
    (one,) = told.statements
    text = to_markdown(replace(told, statements=(replace(one, channel="internal", link="all staff list"),)), None)
    assert "- **Posted** by Bo Lind to all staff list\n" in text
    assert "- **Posted** by Bo Lind <https://x.example/1>\n" in to_markdown(told, None)


def test_a_text_that_was_wrong_twice_is_one_text(story) -> None:
    story.opened().drafted({"x": "Stop using Kettle 3."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    story.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"}, "bo")
    for value in ("Kettle 4", "Kettle 3", "Kettle 5", "Kettle 3"):
        story.later(2).do(SetFact(fact="product", value=value))
    (line,) = [one for one in to_markdown(of(story), UTC).splitlines() if "WRONG WHILE OUT" in one]
    assert line.endswith("1 of them said product as it was: known to be otherwise for up to 2 min.")
