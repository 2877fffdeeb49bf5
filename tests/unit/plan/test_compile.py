from __future__ import annotations

from datetime import timedelta

from crisis.engine.plan import Plan
from crisis.kinds import SPECS
from crisis.plan.book import Book, LoadedTemplate
from crisis.plan.codec import decode_plan, encode_plan
from crisis.plan.compile import compile_plan
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import Channel, Clocks, LegalClock, Message, Organisation
from crisis.playbook.validate import validate, validate_playbook
from crisis.playbook.values import Edge

STEPS = [
    {"id": "facts", "kind": "question", "phase": "detection", "facts": ["places"], "title": "Where?"},
    {
        "id": "tell",
        "kind": "statement",
        "phase": "response",
        "message": "note",
        "after": ["facts"],
        "when": {"fact": "danger"},
        "hold_until": {"fact": "told"},
        "repeat": {"every": "2h", "until": {"outcome": {"end": "agreed"}}},
        "on": {"not-published": "facts"},
    },
    {
        "id": "authority",
        "kind": "action",
        "phase": "response",
        "do": "Call",
        "title": "Authority",
        "for_each": "places",
        "when": {"fact": "danger"},
        "after": [{"tell": "published"}],
        "within": "4h",
    },
    {
        "id": "end",
        "kind": "stand-down",
        "phase": "recovery",
        "after": ["authority"],
        "on": {"not-yet": "tell", "agreed": "close"},
    },
]


def plan_of(steps: list[dict[str, object]] | None = None, organisation: Organisation | None = None) -> Plan:
    use = {"template": "t", "audience": "all", "channels": ["x", "website"], "languages": ["en", "da"]}
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Playbook",
        "id": "p",
        "title": "P",
        "facts": {
            "places": {"type": "choice-many", "prompt": "Where?", "options": {"dk": "Denmark", "nl": "Netherlands"}},
            "danger": {"type": "yes-no", "prompt": "Danger?"},
            "told": {"type": "yes-no", "prompt": "Told?"},
        },
        "severity": {"SEV1": {"first_statement": "30m"}},
        "roles": {"crisis-lead": {}},
        "approvals": {"public": {"of": ["crisis-lead"], "within": "1m", "expires": "1h"}},
        "messages": {"note": {**use, "approval": {"SEV1": "public", "otherwise": "public"}}},
        "clocks": [{"use": "one", "starts_with": {"fact": "danger"}}],
        "steps": STEPS if steps is None else steps,
    }
    made = validate_playbook(data, SPECS)
    assert made.diagnostics == ()
    assert made.value is not None
    message = Message(apiVersion="crisis/v1", kind="Message", id="t", title="A note", languages=("en", "da"))
    legal = LegalClock(id="one", title="One", due="72h", source="S")
    clocks = validate(
        Clocks,
        {"apiVersion": "crisis/v1", "kind": "Clocks", "reviewed_on": "2026-01-01", "notice": "Ask", "clocks": []},
    ).value
    assert clocks is not None
    known = Clocks(
        apiVersion=clocks.apiVersion,
        kind=clocks.kind,
        reviewed_on=clocks.reviewed_on,
        notice=clocks.notice,
        clocks=(legal,),
    )
    book = Book(
        playbook=made.value.playbook,
        steps=made.value.steps,
        templates={"t": LoadedTemplate(message, {"en": "Hello", "da": "Hej"})},
        clocks=known,
        organisation=organisation,
    )
    return compile_plan(book)


def test_a_statement_becomes_draft_approval_and_publishing() -> None:
    plan = plan_of()
    draft, approve, publish = (plan.by_id[f"tell.{part}"] for part in ("draft", "approve", "publish"))
    assert (draft.after, approve.after, publish.after) == (
        (Edge("facts"),),
        (Edge("tell.draft"),),
        (Edge("tell.approve"),),
    )
    assert [step.group for step in (draft, approve, publish)] == ["tell"] * 3
    assert {step.title for step in (draft, approve, publish)} == {"A note"}


def test_a_refused_statement_goes_back_to_its_draft() -> None:
    assert plan_of().by_id["tell.approve"].on == {"rejected": "tell.draft"}


def test_routes_condition_gate_and_repetition_of_a_statement_go_to_the_part_they_belong_to() -> None:
    plan = plan_of()
    draft, approve, publish = (plan.by_id[f"tell.{part}"] for part in ("draft", "approve", "publish"))
    assert (draft.when, approve.when, publish.when) == (Condition(fact="danger"),) * 3
    assert (draft.hold_until, publish.hold_until) == (None, Condition(fact="told"))
    assert (draft.repeat_every, publish.repeat_every, publish.repeat_from) == (None, timedelta(hours=2), "tell.draft")
    assert publish.on == {"not-published": "facts"}
    assert publish.stands_for == "tell"


def test_what_follows_a_statement_follows_its_publishing_and_what_leads_back_leads_to_its_draft() -> None:
    plan = plan_of()
    assert plan.by_id["authority.dk"].after == (Edge("tell.publish", ("published",)),)
    assert plan.by_id["end"].on == {"not-yet": "tell.draft", "agreed": "close"}


def test_a_step_for_each_value_becomes_one_for_each_under_its_own_condition() -> None:
    plan = plan_of()
    one = plan.by_id["authority.nl"]
    assert one.title == "Authority: Netherlands"
    assert one.when == Condition(all_=(Condition(fact="danger"), Condition(fact="places", is_="nl")))
    assert plan.by_id["end"].after == (Edge("authority.dk"), Edge("authority.nl"))


def test_a_step_for_each_value_leads_back_to_itself_for_its_own_value_and_from_elsewhere_to_all() -> None:
    *others, each, end = STEPS
    plan = plan_of([*others, {**each, "on": {"not-done": "authority"}}, {**end, "on": {"not-yet": "authority"}}])
    assert plan.by_id["authority.nl"].on == {"not-done": "authority.nl"}
    assert plan.whole(plan.by_id["end"].on["not-yet"]) == ("authority.dk", "authority.nl")
    assert plan.whole("tell.draft") == ("tell.draft",)


def test_steps_keep_the_order_in_which_they_are_written() -> None:
    written = ["facts", "tell.draft", "tell.approve", "tell.publish", "authority.dk", "authority.nl", "end"]
    assert [step.id for step in plan_of().steps] == written


def test_an_organisation_narrows_messages_to_its_accounts_and_languages() -> None:
    ours = Organisation(
        apiVersion="crisis/v1",
        kind="Organisation",
        name="Fjord",
        languages=("da",),
        channels=(Channel(id="f", kind="facebook", handle="@f", limit=100),),
    )
    plan = plan_of(organisation=ours)
    use = plan.messages["note"].use
    assert (use.channels, use.languages) == (("website",), ("da",))
    assert (plan.brand, plan.accounts, plan.channel_limits) == ("Fjord", {"f": "facebook @f"}, {"facebook": 100})


def test_an_organisation_that_shares_no_language_changes_nothing() -> None:
    ours = Organisation(apiVersion="crisis/v1", kind="Organisation", name="F", languages=("nl",))
    assert plan_of(organisation=ours).messages["note"].use.languages == ("en", "da")


def test_a_legal_clock_is_found_by_its_name() -> None:
    (planned,) = plan_of().clocks
    assert (planned.clock.title, planned.use.starts_with) == ("One", Condition(fact="danger"))


def test_the_same_playbook_compiles_to_the_same_bytes_and_back() -> None:
    plan = plan_of()
    assert encode_plan(plan) == encode_plan(plan_of())
    assert decode_plan(encode_plan(plan)) == plan
