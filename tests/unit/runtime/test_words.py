"""What whoever sits at the terminal is told of what has just happened."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from crisis.engine.commands import CorrectLink, SetFact
from crisis.engine.look import agenda
from crisis.runtime.words import news_of


def told(story: Any, since: int, *, own: bool = True) -> list[str]:
    case = story.case
    lines = (news_of(one, case.plan, case.incident, UTC, own=own) for one in case.events[since:])
    return [line.text for line in lines if line is not None]


def released(story: Any) -> Any:
    story.opened().drafted().decided("eva").decided("ana")
    return story.answer("holding.publish", "release", "post", "bo")


def advice(story: Any) -> list[str]:
    case = story.case
    asks = agenda(case.plan, case.incident, case.incident.at).asks
    return [line for one in asks if one.ask.key.startswith("link:") for line in one.ask.advice]


def test_a_fingerprint_that_is_cut_ends_its_sentence(story: Any) -> None:
    story.opened().drafted()
    (sent,) = (line for line in told(story, 0) if "sent for approval" in line)
    assert sent.endswith("… Ring whoever must say yes")


def test_a_fact_that_changes_while_a_text_is_posted_is_said_where_the_link_is_asked_for(story: Any) -> None:
    released(story)
    assert advice(story) == []
    story.do(SetFact(fact="product", value="Kettle 4"))
    assert "product has changed since these texts were written" in advice(story)[0]


def test_a_fact_that_changes_after_a_text_is_out_is_said_with_what_says_it_as_it_was(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    since = story.case.incident.version
    story.do(SetFact(fact="injury", value=False))
    assert not any("is out and says it as it was" in line for line in told(story, since))
    since = story.case.incident.version
    story.do(SetFact(fact="product", value="Kettle 4"))
    assert any("product has changed; holding statement is out" in line for line in told(story, since))
    since = story.case.incident.version
    story.do(SetFact(fact="product", value="Kettle 4"))
    assert told(story, since) == []


def test_what_came_of_a_call_is_told_in_words(story: Any) -> None:
    since = story.opened().case.incident.version
    story.answer("call", "reach:legal:ana", "no-answer")
    assert "· Kim Dahl called Ana Berg: did not answer" in told(story, since, own=False)


def test_a_slip_that_is_put_right_while_a_text_is_posted_warns_no_more(story: Any) -> None:
    released(story)
    said = story.case.incident.facts["product"].value
    story.do(SetFact(fact="product", value="Kettel 3"))
    assert advice(story)
    story.do(SetFact(fact="product", value=said))
    assert advice(story) == []


def test_a_slip_that_is_put_right_after_a_text_is_out_warns_no_more(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    said = story.case.incident.facts["product"].value
    story.do(SetFact(fact="product", value="Kettel 3"))
    since = story.case.incident.version
    story.do(SetFact(fact="product", value=said))
    assert not any("is out and says it as it was" in line for line in told(story, since))


def test_that_a_link_is_that_of_another_place_is_told_at_once_to_whoever_gave_it(story: Any) -> None:
    since = released(story).case.incident.version
    for place in ("x/en", "facebook/en"):
        story.answer("holding.publish", f"link:{place}", {"link": "https://x.example/1"}, "bo")
    same = "the same link as for x/en; if one is wrong: “Correct a link” in the menu"
    assert told(story, since) == [f"!! facebook/en is out; {same}"]
    assert f"✓ Bo Lind posted holding statement on facebook/en; {same}" in told(story, since, own=False)


def test_a_link_that_was_corrected_is_told_with_what_it_was(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    (out,), since = story.case.incident.message("holding").published, story.case.incident.version
    story.do(CorrectLink(message="holding", line=out.line, link="https://x.example/2", was=out.link))
    assert told(story, since) == ["✓ link of x/en corrected: https://x.example/2 (was https://x.example/1)"]
    (other,) = told(story, since, own=False)
    assert other.startswith("✓ link of x/en corrected by Kim Dahl: ")
