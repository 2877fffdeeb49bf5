"""Pages that a question stands under."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from crisis.adapters.operator import screen
from crisis.engine import shapes
from crisis.engine.clocks import Clock
from crisis.engine.look import OpenAsk
from crisis.engine.steps import Ask
from crisis.runtime.scene import ProposedText, Scene

UNKNOWN = "the fact 'product' is not known yet (line 4 of the template)"
TEXTS = (
    ProposedText(channel="x", language="en", text="Stop using it.", size="14/280"),
    ProposedText(channel="facebook", language="en", text="", problem=UNKNOWN),
    ProposedText(channel="website", language="en", text="", problem=UNKNOWN),
)


def test_what_is_wrong_with_several_texts_is_said_once_for_all_of_them() -> None:
    loud = [one.text for one in screen.drafts(TEXTS) if one.manner == "loud"]
    assert loud == [f"  ! facebook/en, website/en: {UNKNOWN}"]


def test_in_full_a_text_that_cannot_be_made_says_why() -> None:
    shown = [one.text for one in screen.in_full(TEXTS)]
    assert f"  facebook/en: {UNKNOWN}" in shown
    assert not any(one.manner == "quoted" and not one.text.strip() for one in screen.in_full(TEXTS))


NOW = datetime(2026, 3, 7, 1, 50, tzinfo=UTC)


def scene(**more: Any) -> Scene:
    usual = {
        "incident": "INC-2026-0001",
        "uid": "0a1b",
        "title": "A kettle burns",
        "drill": False,
        "severity": "SEV1",
        "known_since": NOW,
        "lead": "you lead",
        "deputy": "",
        "out": 1,
        "approved_not_out": 0,
        "waiting": (),
        "clocks": (),
        "do_not": (),
        "posting": (),
    }
    return Scene(**usual | more)


def test_the_foot_has_the_next_deadline_first_and_then_the_first_statement() -> None:
    def clock(kind: str, name: str, minutes: int) -> Clock:
        return Clock(key=name, kind=kind, name=name, anchor=NOW, due=NOW + timedelta(minutes=minutes))

    clocks = (
        clock("acknowledge", "Call the team: first “I have it”", 4),
        clock("step", "Is it real?", 9),
        clock("first-statement", "First statement", 29),
    )
    said = screen.clock_line(scene(clocks=clocks), NOW)
    assert said.startswith("Call the team 01:54 (4 min left) · First statement 02:19 (29 min left) · Is it real?")


def test_what_is_left_at_the_close_is_what_was_promised_and_what_is_wrong() -> None:
    promised = Clock(key="p", kind="next-update", name="Promised update (statement)", anchor=NOW, due=NOW)
    other = Clock(key="s", kind="step", name="Is it real?", anchor=NOW, due=NOW)
    said = screen.left_at_the_close(scene(clocks=(promised, other), outdated=("Statement says units as it was",)))
    assert [one.text.strip() for one in said] == [
        "!! Statement says units as it was",
        "!! not given: Promised update (statement)",
    ]


def test_the_page_that_waits_says_what_is_next() -> None:
    due = NOW + timedelta(minutes=30)
    clock = Clock(key="first", kind="first-statement", name="First statement", anchor=NOW, due=due)
    (said,) = [one.text for one in screen.waiting(scene(clocks=(clock,)), due, NOW) if "next" in one.text]
    assert said == "  next: Sat 02:20 (in 30 min): First statement is due"
    (said,) = [one.text for one in screen.waiting(scene(), due, NOW) if "next" in one.text]
    assert said == "  next: Sat 02:20 (in 30 min)"


def test_a_text_that_is_out_and_wrong_stays_at_the_foot() -> None:
    wrong = "Holding statement says product as it was, and is out (x/en)"
    assert screen.foot(scene(outdated=(wrong,)), NOW)[1] == f"!! {wrong}"
    assert any(wrong in one.text for one in screen.situation(scene(outdated=(wrong,)), NOW))
    assert not any("!!" in line for line in screen.foot(scene(), NOW))


def test_what_is_stopped_and_what_still_posts_is_said_where_things_stand() -> None:
    said = ("1 of 2 is STOPPED: Ads", "1 still posts: X Denmark")
    page = [one.text for one in screen.situation(scene(posting=said), NOW)]
    assert page[-2:] == ["  posting: 1 of 2 is STOPPED: Ads", "    1 still posts: X Denmark"]


def offered(prompt: str, title: str = "Full statement", wants: shapes.Shape | None = None) -> tuple[str, str]:
    ask = Ask(key="key", role="legal", prompt=prompt, wants=wants or shapes.Text())
    one = OpenAsk(SimpleNamespace(title=title), 1, ask)  # type: ignore[arg-type]
    return screen.offer(one), screen.offer_of_step(one)


def test_what_is_offered_fits_a_line_and_says_what_it_is() -> None:
    held = "Post the full statement although family told is not known yet?"
    reason = " Why can it not wait? (your reason goes into the journal; empty: it waits)"
    assert offered(held + reason) == (held, held)
    long = "Post the full statement although authority agreed is not known yet and listed is not known yet?"
    said = "Post the full statement although it is held"
    assert offered(long + reason, wants=shapes.Override(why_held="so it is")) == (said, said)
    who = "Who else can approve this as legal or executive?"
    assert offered(f"Nobody has answered, and nobody steps in. {who}") == (who, f"Full statement: {who}")
    last = "As crisis-lead you may send this cleared text now"
    assert offered(f"Everyone is silent. {last}: why can it not wait any longer?")[0] == last
    named = "Nobody is named as community manager, nor as its deputy. Who is?"
    assert offered(f"{named} (name, number; empty: nobody)") == (named, named)
    assert offered("word " * 40)[0] == "Full statement"
    assert offered("Call Ana Berg (legal)") == ("Call Ana Berg (legal)", "Full statement: Call Ana Berg (legal)")
