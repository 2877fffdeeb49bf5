"""No bundled text asserts or promises what no fact says, whatever is known or not, and English and Danish agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from crisis.adapters import templates as engine
from crisis.adapters.shelf import BundledShelf
from crisis.checks.examples import combinations
from crisis.plan.load import load_template, read_playbook
from crisis.playbook.model import Fact

SHELF = BundledShelf()
ZONE = ZoneInfo("Europe/Copenhagen")
BATCHES = ("1126", "all", "ALL", "alle", None)


class Claim(Struct, frozen=True, kw_only=True):
    """Words that assert something, and the fact that must be so for them; without one they are never written."""

    en: str
    da: str
    fact: str = ""
    needs: tuple[object, ...] = ()

    def is_in(self, text: str, language: str) -> bool:
        return re.search(self.en if language == "en" else self.da, text, re.IGNORECASE | re.MULTILINE) is not None

    def is_carried(self, facts: Mapping[str, object]) -> bool:
        return facts.get(self.fact) in self.needs


CLAIMS = {
    "all of them": Claim(
        en=r"\bevery\b(?!body)|\ball units\b|whenever and wherever|whatever it is marked",
        da=r"\balle eksemplarer\b|\bsamtlige\b|uanset hv",
        fact="batches",
        needs=("all", "ALL", "alle"),
    ),
    "only some": Claim(en=r"marked \d", da=r"mærket \d", fact="batches", needs=("1126",)),
    "safe": Claim(en=r"\bis safe\b", da=r"\ber sikkert\b", fact="safe_again", needs=(True,)),
    "not safe": Claim(en=r"\bnot safe\b", da=r"\ber ikke sikkert\b"),
    "nobody hurt": Claim(
        en=r"\b(nobody|no one|none)\b.{0,12}\bhurt\b|no injur", da=r"\bingen\b.{0,12}(til skade|såret)|ingen skader"
    ),
    "hurt for certain": Claim(
        en=r"^some(one|body) (was|has been) hurt|those who were hurt",
        da=r"^nogen (kom|er kommet)|dem, der kom til skade",
    ),
    "hurt as told": Claim(
        en=r"we have been told that someone (was|has been) hurt",
        da=r"vi har fået at vide, at nogen (kom|er kommet) til skade",
        fact="injury",
        needs=(True,),
    ),
    "dead": Claim(en=r"\bdied\b", da=r"\bdødt?\b", fact="death", needs=(True,)),
    "free": Claim(
        en=r"costs you nothing|free of charge",
        da=r"koster dig ikke noget|\bgratis\b",
        fact="remedy",
        needs=("refund", "replacement", "repair"),
    ),
    "money back": Claim(en=r"money back", da=r"pengene tilbage", fact="remedy", needs=("refund",)),
    "a new one": Claim(en=r"a new one", da=r"\bet nyt\b", fact="remedy", needs=("replacement",)),
    "something for it": Claim(en=r"what you get for it", da=r"hvad du får i stedet"),
    "authorities": Claim(
        en=r"authorities are involved", da=r"myndighederne er inde", fact="authority_involved", needs=(True,)
    ),
    "authorities told": Claim(en=r"contact with the authorit", da=r"kontakt med myndighed"),
    "reports came": Claim(en=r"\breceived reports\b|\breports of a possible", da=r"\bhenvendelser\b"),
    "all we know": Claim(en=r"everything we (know|have said)", da=r"alt, hvad vi (ved|har sagt)"),
    "a promise kept": Claim(en=r"as promised", da=r"som lovet"),
    "a change": Claim(en=r"what has to change", da=r"det, der skal laves om"),
    "our mistake": Claim(en=r"mistake was ours", da=r"fejlen var vores"),
    "we made it": Claim(en=r"\bmanufacturer\b", da=r"\bproducenten\b"),
    "a team of ours": Claim(
        en=r"our product-safety team", da=r"vores produktsikkerhedsteam", fact="safe_again", needs=(True,)
    ),
}


@cache
def facts_of_all() -> Mapping[str, Fact]:
    found: dict[str, Fact] = {}
    for name in SHELF.playbooks():
        file = SHELF.playbook(name)
        assert file is not None
        written, _ = read_playbook(file, SHELF)
        if written is not None:
            found.update(written.playbook.facts)
    return found


@cache
def bodies(template: str) -> Mapping[str, str]:
    loaded, findings = load_template(template, SHELF, engine, {})
    assert loaded is not None
    assert not findings
    return loaded.bodies


def as_they_might_be(body: str) -> Iterator[Mapping[str, object]]:
    """Facts for a body, all of them unknown that may be, to begin with."""
    used = sorted(engine.facts_used(body))
    possible = list(combinations(used, facts_of_all(), None, long=False))
    yield {
        **possible[0],
        **{name: None for name in used if name in facts_of_all() and not facts_of_all()[name].required},
    }
    for facts in possible:
        for batches in BATCHES if "batches" in used else (None,):
            yield {**facts, **({"batches": batches} if "batches" in used else {})}


def claims(body: str, facts: Mapping[str, object], language: str) -> set[str]:
    text = engine.render(body, facts, language=language, zone=ZONE)
    return {name for name, claim in CLAIMS.items() if claim.is_in(text, language)}


@pytest.mark.parametrize("template", SHELF.templates())
@pytest.mark.parametrize("language", ["en", "da"])
def test_no_text_claims_what_no_fact_says(template: str, language: str) -> None:
    for key, body in bodies(template).items():
        if key.split(".")[0] == language:
            for facts in as_they_might_be(body):
                said = claims(body, facts, language)
                assert [one for one in sorted(said) if not CLAIMS[one].is_carried(facts)] == [], (key, facts)


@pytest.mark.parametrize("template", SHELF.templates())
def test_both_languages_claim_the_same(template: str) -> None:
    for key, body in bodies(template).items():
        language, _, channel = key.partition(".")
        if language == "en":
            danish = bodies(template)["da" + (f".{channel}" if channel else "")]
            for facts in as_they_might_be(body):
                assert claims(body, facts, "en") == claims(danish, facts, "da"), (key, facts)


@pytest.mark.parametrize("template", SHELF.templates())
def test_what_a_text_only_asks_may_turn_from_not_known_to_no_without_changing_it(template: str) -> None:
    for key, body in bodies(template).items():
        for facts in as_they_might_be(body):
            for name in engine.only_asked(body) & facts_of_all().keys():
                texts = {
                    engine.render(body, {**facts, name: value}, language=key[:2], zone=ZONE) for value in (None, False)
                }
                assert len(texts) == 1, (key, name)


@pytest.mark.parametrize(
    ("key", "honest"),
    [
        ("en", "We do not know yet which ones are affected. If you have Kettle 3, treat it as affected until we do."),
        ("en.x", "Stop using it now. We do not know yet which ones are affected."),
        ("da", "Vi ved endnu ikke, hvilke der er omfattet. Har du Kettle 3, så gå ud fra, at dit produkt er omfattet,"),
        ("da.x", "Hold straks op med at bruge produktet. Vi ved endnu ikke, hvilke der er omfattet."),
    ],
)
def test_a_recall_whose_batches_are_open_says_so(key: str, honest: str) -> None:
    body = bodies("recall-notice")[key]
    facts: Mapping[str, object] = dict.fromkeys(engine.facts_used(body))
    facts = {**facts, "product": "Kettle 3"}
    assert honest in engine.render(body, facts, language=key[:2], zone=ZONE)


@pytest.mark.parametrize(
    ("stop_use", "said"), [(True, "stop using it now"), (None, "in any doubt"), (False, "in any doubt")]
)
def test_retailers_tell_customers_to_stop_only_where_that_was_said(stop_use: bool | None, said: str) -> None:
    body = bodies("stop-sale-notice")["en"]
    facts: dict[str, object] = dict.fromkeys(engine.facts_used(body))
    text = engine.render(body, {**facts, "product": "Kettle 3", "stop_use": stop_use}, language="en", zone=ZONE)
    assert said in text.partition("“")[2]


@pytest.mark.parametrize("key", ["en", "en.x", "da", "da.x"])
def test_an_update_stays_true_when_the_cause_is_known(key: str) -> None:
    assert re.search(r"cause is not|årsagen er|kender .*årsagen", bodies("update-product")[key], re.IGNORECASE) is None
