from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from msgspec.structs import replace

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.render.situation import to_markdown, to_text
from crisis.adapters.render.terminal import Row, Section, columns, folded, in_colour, laid_out
from crisis.engine.commands import Close, SetFact
from crisis.engine.events import Member
from crisis.engine.look import agenda
from crisis.engine.steps import Waiting
from crisis.projections.brief import brief_of
from crisis.projections.situation import situation

CET = timezone(timedelta(hours=1), "CET")


def text_of(story, **more) -> str:
    return to_text(situation(story.journal.head(story.id).brief, story.clock.now()), CET, **more)


def head(story):
    return story.journal.head(story.id).brief


def line_of(text: str, word: str) -> str:
    (found,) = [line.strip() for line in text.splitlines() if word in line]
    return found


def test_the_first_lines_say_how_bad_since_when_and_who_leads(story) -> None:
    text = text_of(story.opened().later(12))
    assert text.splitlines()[:6] == [
        "INC-2026-0007  Product defect or safety problem",
        "LIVE           SEV1 critical · phase: detection",
        "Known for      26 min, since 02:36 CET",
        "Lead           Kim Dahl",
        "Posting        not frozen: what is scheduled goes out",
        "Public         NOTHING POSTED YET",
    ]


def test_a_running_clock_says_what_is_left(story) -> None:
    assert (
        line_of(text_of(story.opened().later(2)), "First statement")
        == "running              First statement · due 03:06 CET, 14 min left"
    )


def test_a_clock_past_due_is_breached_although_nobody_recorded_it(story) -> None:
    story.opened()
    story.clock.time += timedelta(minutes=20)
    assert (
        line_of(text_of(story), "First statement")
        == "BREACHED             First statement · was due 03:06 CET, 4 min ago"
    )


def test_who_is_waited_for_is_named_with_until_when(story) -> None:
    line = line_of(text_of(story.opened().drafted().decided("eva").later(4)), "approval of holding")
    assert line.startswith("Ana Berg (legal)")
    assert line.endswith("until 03:00 CET, 6 min left")


def test_no_severity_is_said_so(story) -> None:
    assert "severity not decided yet" in text_of(story)


def test_only_the_next_three_steps_are_shown_and_the_rest_counted(story) -> None:
    text = text_of(story.opened())
    assert "  3.  " in text
    assert "and 3 more" in text


def test_what_is_frozen_is_named(story) -> None:
    story.opened().answer("freeze", "accounts:0", {"Newsletter": "by Bo", "Ads": "by Bo"}, "bo")
    assert line_of(text_of(story), "FROZEN") == "Posting        FROZEN, all 2: Newsletter; Ads"


def test_what_still_posts_is_counted_and_named_beside_what_is_stopped(cases) -> None:
    plan = replace(cases.make_plan(), accounts={"x-dk": "X Denmark", "x-se": "X Sweden"})
    story = cases.Story(MemoryJournal(), plan=plan).opened()
    story.answer("freeze", "accounts:0", {"x-dk": "by Bo"}, "bo")
    text = text_of(story)
    assert line_of(text, "STOPPED") == "Posting        1 of 4 is STOPPED: X Denmark"
    assert line_of(text, "still post") == "3 still post: X Sweden; Newsletter; Ads"


def test_who_cannot_be_called_at_all_is_said_to_be_so(story) -> None:
    story.opened().answer("call", "reach:legal:ana", "nobody")
    assert line_of(text_of(story), "cannot be") == "Ana Berg (legal)  cannot be called at all"


def test_a_role_that_nobody_has_is_called_by_its_name(story) -> None:
    plan, incident = story.plan, story.opened().case.incident
    waiting = Waiting(people=(), role="native-reader", what="approval of it", until=None)
    ahead = replace(agenda(plan, incident, incident.at), asks=(), waiting=((plan.by_id["holding.approve"], waiting),))
    brief = {**brief_of(plan, incident, ahead), "as_of": incident.at.isoformat()}
    assert line_of(to_text(brief, CET), "nobody yet") == "nobody yet (native reader)  approval of it"


def test_a_text_that_is_approved_and_not_posted_stands_out(story) -> None:
    story.opened().drafted().decided("eva").decided("ana")
    text = text_of(story)
    assert "NOT POSTED YET" in text
    asked, next_up, approved = (line for line in text.splitlines() if "Holding statement" in line)
    assert "NOT POSTED YET" in asked
    assert next_up.startswith("  1.  ")
    assert approved.endswith("approved, approved by Eva Holm, Ana Berg: x en; facebook en")


def test_a_yes_that_has_expired_is_shown_as_that_whoever_has_recorded_it_or_not(story) -> None:
    story.opened().drafted().decided("eva").later(10).decided("ana").later(111)
    assert "approval expired, approved by Ana Berg, EXPIRED: Eva Holm since 04:50 CET: x en" in text_of(story)
    assert "EXPIRED: Eva Holm since 04:50" in to_markdown(situation(head(story), story.clock.now()), CET)
    shown, _ = situation(head(story), story.clock.now())["not_posted"]
    assert (shown["state"], shown["approved_by"]) == ("approval expired", ["Ana Berg"])
    assert shown["expired"] == [{"by": "Eva Holm", "since": "2026-03-07T03:50:00+00:00"}]
    assert situation(head(story), story.clock.now() - timedelta(minutes=2))["not_posted"][0]["expired"] == []
    story.desk.tick(story.id)
    assert "waits for approval, approved by Ana Berg, EXPIRED: Eva Holm since 04:50 CET: x en" in text_of(story)


def test_what_is_being_posted_stays_approved(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").answer("holding.publish", "release", "post", "bo").later(200)
    assert "being posted, approved by Eva Holm, Ana Berg: x en" in text_of(story)


def test_a_yes_that_is_one_more_than_needed_may_expire(cases) -> None:
    plan = cases.make_plan()
    chain = replace(plan.approvals["public"], quorum=1)
    story = cases.Story(MemoryJournal(), plan=replace(plan, approvals={**plan.approvals, "public": chain}))
    story.opened().drafted().decided("eva").later(10).decided("ana").later(111)
    (text, _) = situation(head(story), story.clock.now())["not_posted"]
    assert (text["state"], text["approved_until"]) == ("approved", "2026-03-07T04:00:00+00:00")
    assert (text["approved_by"], [one["by"] for one in text["expired"]]) == (["Ana Berg"], ["Eva Holm"])


def test_a_waiver_is_shown_with_its_reason(cases) -> None:
    story = cases.Story(MemoryJournal(), people=cases.PEOPLE[:1]).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night")
    text = text_of(story)
    assert "Holding statement, waived: alone at night" in text
    assert "waived: goes out without a full approval" in text, "and is nowhere called approved"
    assert ", without a full approval (waived) https://x.example/1" in text_of(story.published())


def test_of_two_people_of_one_name_each_has_their_own_number_and_none_where_both_are_meant(cases) -> None:
    namesakes = (
        Member(id="ana", name="Ana Berg", roles=("legal",), contact="blob-1"),
        Member(id="ana-2", name="Ana Berg", roles=("executive",), contact="blob-2"),
        *(one for one in cases.PEOPLE if one.id not in ("ana", "eva")),
    )
    story = cases.Story(MemoryJournal(), people=namesakes).opened().drafted()
    waiting = story.journal.head(story.id).brief["waiting_on"]
    ana = {one["role"]: one["contacts"].get("Ana Berg") for one in waiting if "Ana Berg" in one["who"]}
    assert ana == {"legal": "blob-1", "legal or executive": None}


def test_a_closed_incident_says_when_and_how_long_it_took(closed) -> None:
    text = text_of(closed)
    assert "CLOSED" in text
    assert "Known for      2 h 22 min" in text
    assert "NOTHING POSTED" not in text
    assert "https://x.example/1" in text


def test_after_the_close_no_clock_runs_and_what_was_not_met_says_so(story) -> None:
    story.opened().later(16)
    story.do(Close(reason="it was a hoax"))
    story.clock.time += timedelta(days=3)
    text = text_of(story)
    clocks = text.partition("Clocks\n")[2].partition("\n\n")[0]
    assert "running" not in clocks
    assert "ago" not in clocks
    assert "left" not in clocks.replace("left open", "")
    assert line_of(text, "First statement") == "NOT MET    First statement · was due 2026-03-07 03:06 CET"
    assert "NOT MET    Call the team: first “I have it” · was due 2026-03-07 02:55 CET" in text
    assert "left open  Tell the authority of an accident · as soon as possible" in text
    told = situation(story.journal.head(story.id).brief, story.clock.now())
    assert not any(clock["running"] for clock in told["clocks"])
    page = to_markdown(told, CET)
    assert "**NOT MET:** First statement" in page


def test_a_drill_is_marked_in_every_line(cases) -> None:
    story = cases.Story(MemoryJournal(), drill=True, incident="DRILL-2026-0001").opened().drafted()
    assert all(line.startswith("DRILL") for line in text_of(story).splitlines())
    brief = situation(story.journal.head(story.id).brief, story.clock.now())
    assert all("DRILL · " in line for line in to_markdown(brief, CET).splitlines() if line)


def test_hostile_text_is_harmless(cases) -> None:
    bad = "\x1b[31m[red]<b>|\u202eevil\nnext"
    plan = cases.make_plan()
    story = cases.Story(
        MemoryJournal(), plan=plan, people=[*cases.PEOPLE[1:], cases.Member(id="kim", name=bad, roles=("crisis-lead",))]
    )
    story.opened()
    text = text_of(story)
    assert "\x1b" not in text
    assert "\u202e" not in text
    brief = situation(story.journal.head(story.id).brief, story.clock.now())
    assert "<b>" not in to_markdown(brief, CET)


def test_colour_is_only_there_when_it_is_asked_for(story) -> None:
    story.opened()
    assert "\033[" not in text_of(story)
    coloured = text_of(story, colour=True)
    assert "\033[1;31mSEV1 critical" in coloured


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"NO_COLOR": ""}, False),
    ],
)
def test_the_environment_decides_on_colour(monkeypatch: pytest.MonkeyPatch, env: dict, expected: bool) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert in_colour() is expected  # stdout is no terminal here


@pytest.mark.parametrize(("term", "expected"), [("xterm", True), ("dumb", False)])
def test_a_terminal_that_is_dumb_gets_no_colour(monkeypatch: pytest.MonkeyPatch, term: str, expected: bool) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert in_colour() is expected


def test_labels_stand_in_a_column() -> None:
    rows = (Row("a", "one"), Row("long label", "two"))
    assert laid_out([Section("Title", rows)]) == "\nTitle\n  a           one\n  long label  two\n"


def test_columns_are_as_wide_as_their_widest() -> None:
    assert columns([("a", "b"), ("ccc", "")]) == "a    b\nccc\n"


def test_what_is_too_long_for_a_line_goes_on_below_between_words() -> None:
    lines = ["  a  bar; --alerts lists more", "short", "", "one-very-long-word"]
    assert folded(lines, 0) == lines
    assert folded(lines, 15) == ["  a  bar;", "    --alerts", "    lists more", "short", "", "one-very-long-word"]


def test_when_it_is_over_is_asked_once_something_was_said(story) -> None:
    assert "Stand down when" not in text_of(story.opened())
    assert "Stand down when" in text_of(story.drafted().decided("eva").decided("ana").published())


def test_breached_clocks_come_first_and_those_without_a_time_last(story) -> None:
    labels = [
        line.split("  ")[1] for line in text_of(story.opened().later(11)).partition("Clocks\n")[2].splitlines()[:4]
    ]
    assert list(dict.fromkeys(labels)) == ["BREACHED", "running", "as soon as possible"]


def test_a_text_that_was_corrected_is_asked_about_and_the_correction_stands_above_it(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    story.back("holding.draft", "holding.publish", "the batch is known")
    story.drafted({"x": "Batch 12 of Kettle 3."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    story.answer("holding.publish", "link:x/en", {"link": "https://x.example/2"}, "bo")
    newer, older = text_of(story).partition("Said in public\n")[2].splitlines()[:2]
    assert newer.endswith("approved by Eva Holm, Ana Berg https://x.example/2")
    assert older.endswith("replaced by a later text: is it still up? https://x.example/1")
    page = to_markdown(situation(story.journal.head(story.id).brief, story.clock.now()), CET)
    assert "replaced by a later text: is it still up?" in page


def test_a_text_that_is_out_and_no_longer_right_is_said_at_the_top_and_where_it_stands(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    story.do(SetFact(fact="product", value="Kettle 4"))
    text = text_of(story)
    assert line_of(text, "and is out") == (
        "Public         !! Holding statement says product as it was, and is out (x/en): correct it"
    )
    assert "!! says product as before https://x.example/1" in text


def test_what_was_kept_before_texts_were_called_replaced_is_shown_as_it_is(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    brief = dict(story.journal.head(story.id).brief)
    brief["published"] = [
        {key: said for key, said in one.items() if key not in ("outdated", "replaced")} for one in brief["published"]
    ]
    assert "https://x.example/1" in to_text(situation(brief, story.clock.now()), CET)


def test_what_was_sent_to_people_says_to_whom(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    brief = dict(story.journal.head(story.id).brief)
    brief["published"] = [{**one, "channel": "internal", "link": "all staff list"} for one in brief["published"]]
    text = to_text(situation(brief, story.clock.now()), CET)
    assert line_of(text, "all staff").endswith(", approved by Eva Holm, Ana Berg, to all staff list")
