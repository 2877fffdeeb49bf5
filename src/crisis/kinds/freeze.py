"""`kind: freeze`: everything scheduled is stopped, account by account, with what shows it."""

from __future__ import annotations

from crisis.engine.shapes import Accounts, Choice, Text
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described

REST = {"more": "Tick more", "without": "Go on; these still post (say why)"}


@authored
class FreezeSpec:
    """What is stopped, beside the organisation's own accounts."""

    items: tuple[str, ...] = described("Queues, advertising, newsletters, advocacy, influencers …", default=())


def advance(spec: FreezeSpec, seen: Seen) -> Next:
    """Ask for the accounts that are stopped, until all are or someone says why not."""
    everything = {**seen.accounts, **{item: item for item in spec.items}}
    left = {key: title for key, title in everything.items() if not _is_frozen(key, seen)}
    for key in everything:
        if _lacks_evidence(key, seen):
            prompt = f"{everything[key]}: who stopped it, where does one see it? (optional)"
            return Open(asks=(Ask(key=f"evidence:{key}", role=seen.role, prompt=prompt, wants=Text(optional=True)),))
    if not left:
        return Done("frozen")
    tries = sum(key.startswith("accounts:") for key in seen.answers)
    decided = sum(key.startswith("rest:") for key in seen.answers)
    undone = tuple(f"still posts: {title}" for title in left.values())
    if tries == decided and seen.answers.get(f"rest:{decided - 1}") != "without":
        wants = Accounts(accounts=left)
        return Open(
            asks=(
                Ask(
                    key=f"accounts:{tries}",
                    role=seen.role,
                    prompt=seen.title,
                    wants=wants,
                    suggested=dict.fromkeys(left, ""),
                ),
            )
        )
    if tries > decided:
        prompt = f"{len(left)} of {len(everything)} still post. What about them?"
        key, wants_rest = f"rest:{decided}", Choice(options=REST)
        ask = Ask(key=key, role=seen.role, prompt=prompt, wants=wants_rest, advice=undone, suggested=next(iter(REST)))
        return Open(asks=(ask,))
    if "why" not in seen.answers:
        return Open(
            asks=(
                Ask(key="why", role=seen.role, prompt="Why go on while these still post?", wants=Text(), advice=undone),
            )
        )
    return Done("partly", because=f"{seen.answers['why']} ({'; '.join(undone)})")


def _lacks_evidence(key: str, seen: Seen) -> bool:
    """Ticked in this round, with nothing yet that shows it."""
    ticked = (value for name, value in seen.answers.items() if name.startswith("accounts:"))
    return any(value.get(key) == "" for value in ticked) and f"evidence:{key}" not in seen.answers


def _is_frozen(key: str, seen: Seen) -> bool:
    return key in seen.frozen and key not in seen.resumed


KIND = StepKind(
    FreezeSpec,
    advance,
    outcomes=lambda spec: ("frozen", "partly"),
    by_itself=lambda spec: frozenset({"frozen"}),  # where all of it is
    summary="stop everything scheduled, account by account",
    asks=lambda spec: ("accounts", "evidence", "rest", "why"),
)
