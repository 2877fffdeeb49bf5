"""What every journal must do, whatever it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import structs

from crisis.adapters.journal.codec import Unwritable
from crisis.engine import events as ev
from crisis.kernel.fingerprints import fingerprint, salted
from crisis.runtime.ports import Blob, Conflict, Envelope, Head, Journal

INC = "INC-2026-0001"
AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
PLAN = Blob(key=fingerprint(b"{plan}"), data=b"{plan}")


def opened(incident: str = INC, **changes: object) -> ev.Opened:
    plain = ev.Opened(
        incident=incident,
        uid="u-1",
        playbook="recall",
        title="Recall",
        plan=PLAN.key,
        sources={},
        roster=(ev.Member(id="ana", name="Ana", roles=("lead",)),),
        lead="ana",
    )
    return structs.replace(plain, **changes)


def note(text: str = "noted") -> ev.Noted:
    return ev.Noted(text=text)


def put(
    journal: Journal,
    expected: int,
    command: str,
    *events: ev.Event,
    incident: str = INC,
    blobs: Sequence[Blob] = (PLAN,),
    at: datetime = AT,
) -> tuple[ev.Recorded, ...]:
    envelopes = [
        Envelope(seq=expected + n, at=at, who="ana", via="terminal", event=event, on_behalf_of="bo")
        for n, event in enumerate(events, 1)
    ]
    head = Head(incident=incident, version=expected + len(events), hash="", wakes_at=at, brief={"title": "Recall"})
    return journal.append(incident, expected, command, envelopes, head, blobs)


def test_what_is_appended_is_read_back_with_its_envelope(journal: Journal) -> None:
    written = put(journal, 0, "c1", opened(), note("Größe 🧯"))
    assert journal.read(INC) == written
    assert written[1] == ev.Recorded(
        seq=2, at=AT, who="ana", via="terminal", command="c1", event=note("Größe 🧯"), on_behalf_of="bo"
    )


def test_an_append_returns_what_a_later_reader_will_see(journal: Journal) -> None:
    (_, answered) = put(
        journal, 0, "c1", opened(), ev.Answered(step="s", round=1, ask="a", value=("x", {"when": AT, 1: 2}))
    )
    assert answered.event == ev.Answered(
        step="s", round=1, ask="a", value=["x", {"when": "2026-03-01T08:30:00.000000+00:00", "1": 2}]
    )


def test_a_moment_keeps_its_instant_and_comes_back_in_utc(journal: Journal) -> None:
    put(journal, 0, "c1", opened(), at=AT.astimezone(timezone(timedelta(hours=5, minutes=45))))
    (one,) = journal.read(INC)
    assert (one.at, one.at.utcoffset()) == (AT, timedelta())


def test_nothing_is_known_of_an_incident_that_was_never_opened(journal: Journal) -> None:
    assert (journal.read(INC), journal.version(INC), journal.head(INC), journal.heads()) == ((), 0, None, ())


def test_reading_after_a_version_gives_only_what_came_later(journal: Journal) -> None:
    put(journal, 0, "c1", opened(), note("2"), note("3"))
    assert [one.seq for one in journal.read(INC, after=1)] == [2, 3]
    assert journal.read(INC, after=3) == journal.read(INC, after=99) == ()


def test_the_version_is_the_last_seq(journal: Journal) -> None:
    put(journal, 0, "c1", opened(), note())
    put(journal, 2, "c2", note())
    assert journal.version(INC) == 3


def test_of_two_writers_at_the_same_version_one_loses(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    put(journal, 1, "ana-1", note("ana"))
    with pytest.raises(Conflict) as caught:
        put(journal, 1, "bo-1", note("bo"))
    assert caught.value.hint
    assert [one.command for one in journal.read(INC)] == ["c1", "ana-1"]


def test_an_append_ahead_of_the_incident_is_a_conflict_too(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    with pytest.raises(Conflict):
        put(journal, 5, "c2", note())


def test_a_command_given_twice_is_recorded_once_and_answers_the_same(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    first = put(journal, 1, "c2", note("a"), note("b"))
    put(journal, 3, "c3", note("later"))
    assert put(journal, 1, "c2", note("a"), note("b")) == first
    assert put(journal, 4, "c2", note("decided anew, on the new state")) == first
    assert journal.version(INC) == 4


def test_the_same_command_id_in_another_incident_is_another_command(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    put(journal, 0, "c1", opened("INC-2026-0002"), incident="INC-2026-0002")
    assert journal.version("INC-2026-0002") == 1


HEAD = Head(incident=INC, version=2, hash="", wakes_at=None, brief={})
SECOND = Envelope(seq=2, at=AT, who="ana", via="terminal", event=note())
NO_ZONE = datetime(2026, 3, 1)  # noqa: DTZ001  that is the point


@pytest.mark.parametrize(
    "changes",
    [
        {"events": ()},
        {"command": ""},
        {"events": (structs.replace(SECOND, seq=7),)},
        {"head": HEAD._replace(incident="INC-2026-0009")},
        {"head": HEAD._replace(version=9)},
        {"blobs": (PLAN, Blob(key="0" * 64, data=b"other"))},
        {"events": (structs.replace(SECOND, at=NO_ZONE),)},
        {"head": HEAD._replace(wakes_at=NO_ZONE)},
    ],
    ids=["no-events", "no-command", "misnumbered", "other-head", "wrong-head", "wrong-blob", "no-zone", "head-no-zone"],
)
def test_an_append_that_contradicts_itself_is_a_mistake_and_leaves_nothing(
    journal: Journal, changes: dict[str, Any]
) -> None:
    put(journal, 0, "c1", opened(), blobs=())
    sound: dict[str, Any] = {
        "incident": INC,
        "expected": 1,
        "command": "c2",
        "events": (SECOND,),
        "head": HEAD,
        "blobs": (PLAN,),
    }
    with pytest.raises(ValueError, match=r".+"):
        journal.append(**(sound | changes))
    assert (journal.version(INC), journal.blob(PLAN.key)) == (1, None)
    journal.append(**sound)
    assert (journal.version(INC), journal.verify(INC).problems) == (2, ())


@pytest.mark.parametrize(
    "value",
    [float("nan"), [float("inf")], "\ud800", {"\udcff": 1}, 2**70],
    ids=["nan", "inf", "half", "half-key", "big"],
)
def test_a_value_that_would_not_come_back_is_refused_and_leaves_nothing(journal: Journal, value: object) -> None:
    put(journal, 0, "c1", opened())
    extra = Blob(key=fingerprint(b"extra"), data=b"extra")
    with pytest.raises(Unwritable) as caught:
        put(journal, 1, "c2", note("kept?"), ev.FactSet(fact="f", value=value), blobs=(extra,))
    assert caught.value.hint
    assert (journal.version(INC), journal.blob(extra.key)) == (1, None)


def test_a_name_with_half_a_character_is_refused(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    with pytest.raises(Unwritable):
        put(journal, 1, "c\ud800", note())
    assert journal.version(INC) == 1


def test_the_head_counts_the_events_and_carries_the_last_link(journal: Journal) -> None:
    put(journal, 0, "c1", opened(), note())
    head = journal.head(INC)
    assert head is not None
    assert (head.version, head.wakes_at, head.brief) == (2, AT, {"title": "Recall"})
    assert head.hash == journal.verify(INC).hash
    assert len(head.hash) == 64


def test_two_journals_given_the_same_events_have_the_same_chain(journal: Journal) -> None:
    put(journal, 0, "c1", note("a"))
    assert journal.verify(INC).hash == "b7cbe5a2a2dd1141b18876ac7d9561d694fab9d242fde4e97a96e05576d05ed5"


def test_a_head_without_anything_to_wait_for_wakes_never(journal: Journal) -> None:
    head = Head(incident=INC, version=1, hash="", wakes_at=None, brief={"due": AT.isoformat()})
    journal.append(INC, 0, "c1", [Envelope(seq=1, at=AT, who="", via="", event=opened())], head, (PLAN,))
    kept = journal.head(INC)
    assert kept is not None
    assert (kept.wakes_at, kept.brief) == (None, {"due": "2026-03-01T08:30:00+00:00"})
    assert journal.headless() == ()


def test_heads_come_newest_incident_first_whoever_was_last_written_to(journal: Journal) -> None:
    for n in (2, 1, 3):
        put(journal, 0, "c1", opened(f"INC-2026-000{n}"), incident=f"INC-2026-000{n}")
    put(journal, 1, "c2", note(), incident="INC-2026-0002")
    assert [(one.incident, one.version) for one in journal.heads()] == [
        ("INC-2026-0003", 1),
        ("INC-2026-0001", 1),
        ("INC-2026-0002", 2),
    ]


def test_a_number_is_given_again_until_an_incident_is_opened_with_it(journal: Journal) -> None:
    assert journal.next_number(2026, drill=False) == journal.next_number(2026, drill=False) == 1
    put(journal, 0, "c1", opened())
    assert journal.next_number(2026, drill=False) == 2


def test_numbers_are_counted_for_each_year_and_apart_for_drills(journal: Journal) -> None:
    for incident in ("INC-2026-0009", "INC-2026-0010", "INC-2026-12345", "DRILL-2026-0003"):
        put(journal, 0, "c1", opened(incident), incident=incident)
    assert journal.next_number(2026, drill=False) == 12346
    assert journal.next_number(2026, drill=True) == 4
    assert journal.next_number(2027, drill=False) == 1


def test_opening_with_a_number_that_is_taken_is_a_conflict(journal: Journal) -> None:
    put(journal, 0, "ana-opens", opened())
    with pytest.raises(Conflict):
        put(journal, 0, "bo-opens", opened())


def test_blobs_come_with_the_events_and_are_found_by_key(journal: Journal) -> None:
    secret = Blob(key=salted(b"+49 170", b"s" * 16), data=b"+49 170", salt=b"s" * 16)
    put(journal, 0, "c1", opened(), blobs=(PLAN, secret))
    assert (journal.blob(PLAN.key), journal.blob(secret.key), journal.blob("0" * 64)) == (b"{plan}", b"+49 170", None)


def test_an_empty_blob_is_not_a_missing_one(journal: Journal) -> None:
    empty = Blob(key=fingerprint(b""), data=b"")
    put(journal, 0, "c1", opened(), blobs=(PLAN, empty))
    assert journal.blob(empty.key) == b""


def test_an_erased_secret_is_gone_for_good_and_its_gap_is_no_tampering(journal: Journal) -> None:
    secret = Blob(key=salted(b"+49 170", b"s" * 16), data=b"+49 170", salt=b"s" * 16)
    put(journal, 0, "c1", opened(), ev.FactSet(fact="phone", sealed=secret.key), blobs=(PLAN, secret))
    put(journal, 2, "c2", ev.Erased(fact="phone", reason="asked for"))
    assert journal.erase(secret.key)
    assert not journal.erase(secret.key)
    put(journal, 3, "c3", note(), blobs=(secret,))
    assert journal.blob(secret.key) is None
    assert journal.verify(INC).problems == ()


def test_a_secret_that_is_gone_though_nobody_erased_it_is_a_problem(journal: Journal) -> None:
    first, second = (Blob(key=salted(data, b"s" * 16), data=data, salt=b"s" * 16) for data in (b"+49 1", b"+49 2"))
    put(journal, 0, "c1", opened(), ev.FactSet(fact="phone", sealed=first.key), blobs=(PLAN, first))
    put(journal, 2, "c2", ev.Erased(fact="phone", reason="asked for"))
    put(journal, 3, "c3", ev.FactSet(fact="phone", sealed=second.key), blobs=(second,))
    journal.erase(first.key)
    journal.erase(second.key)
    (problem,) = journal.verify(INC).problems
    assert problem.startswith("event 4: the value of phone (")
    assert problem.endswith("is gone, and nobody erased it")


def test_there_is_nothing_to_erase_where_nothing_is(journal: Journal) -> None:
    assert not journal.erase("0" * 64)


def test_a_plan_that_was_erased_is_missed_until_somebody_brings_it_again(journal: Journal) -> None:
    put(journal, 0, "c1", opened())
    journal.erase(PLAN.key)
    (problem,) = journal.verify(INC).problems
    assert "event 1: the plan" in problem
    put(journal, 1, "c2", note(), blobs=(PLAN,))
    assert journal.verify(INC).problems == ()


def drafted(text: bytes) -> ev.Drafted:
    line = ev.Line(channel="x", language="en", sha256=fingerprint(text))
    return ev.Drafted(message="holding", texts=(ev.DraftedText(line=line),))


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (ev.RosterChanged(member=ev.Member(id="bo", name="Bo", contact="a" * 64)), "the contact of bo"),
        (ev.FactSet(fact="phone", sealed="b" * 64), "the value of phone"),
        (drafted(b"We are sorry."), "the text of holding for x/en"),
    ],
)
def test_verify_misses_what_an_event_cannot_do_without(journal: Journal, event: ev.Event, name: str) -> None:
    put(journal, 0, "c1", opened(), event)
    (problem,) = journal.verify(INC).problems
    assert problem.startswith(f"event 2: {name} (")
    assert problem.endswith("is missing")


def test_verify_misses_sources_and_contacts_of_the_opening(journal: Journal) -> None:
    member = ev.Member(id="ana", name="Ana", contact="c" * 64)
    put(journal, 0, "c1", opened(sources={"recall.yaml": "d" * 64}, roster=(member,)), blobs=())
    problems = "\n".join(journal.verify(INC).problems)
    assert "the plan (" in problems
    assert "the source recall.yaml (" in problems
    assert "the contact of ana (" in problems


def test_verify_finds_nothing_in_what_was_just_written(journal: Journal) -> None:
    text = b"We are looking into it."
    put(journal, 0, "c1", opened(), drafted(text), blobs=(PLAN, Blob(key=fingerprint(text), data=text)))
    found = journal.verify(INC)
    assert (found.version, found.problems) == (2, ())


def test_verify_says_so_where_an_incident_was_never_opened(journal: Journal) -> None:
    assert journal.verify(INC).problems == ("no events are recorded", "the head is missing")


def test_verify_wants_an_incident_to_begin_with_its_own_opening(journal: Journal) -> None:
    put(journal, 0, "c1", note(), opened("INC-2026-0002"))
    assert len(journal.verify(INC).problems) == 2
    put(journal, 0, "c1", opened("INC-2026-0003"), incident="INC-2026-0002")
    (problem,) = journal.verify("INC-2026-0002").problems
    assert problem == "event 1: it opened another incident, INC-2026-0003"
