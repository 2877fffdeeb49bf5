"""The first question of all, before there is an incident: what is happening?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from msgspec import Struct

from crisis.adapters.operator.prompts import MenuWanted, Option, Prompts
from crisis.adapters.operator.stopping import Stopping, stopping
from crisis.adapters.operator.typed import let_go_of_terminal
from crisis.kernel.errors import Interrupted
from crisis.kernel.text import one_line
from crisis.playbook.documents import Person
from crisis.runtime.ports import News


class _NothingMoves(Struct):
    """No incident yet, so nothing lives at the foot of the prompt but a word on how to leave."""

    stopping: Stopping
    about: str = ""
    unasked: bool = False
    keys: tuple[str, ...] = ()  # leaving is all that they do here, and the foot says so

    def foot(self) -> tuple[str, ...]:
        return ("Nothing is opened yet · Ctrl-C leaves",)

    def news(self) -> tuple[News, ...]:
        return ()

    def is_stale(self) -> bool:
        return False

    def beside(self) -> _NothingMoves:
        return self

    def stopped_by(self) -> int:
        return self.stopping.number


def choose_playbook(
    titles: Mapping[str, str],
    *,
    plain: bool,
    notes: Mapping[str, str] | None = None,
    suggested: str = "",
    unusable: Mapping[str, str] | None = None,
) -> str:
    """The playbook's id. `notes` stand beside some; Enter takes what is `suggested`. Raises Interrupted on leaving.

    What is `unusable` is shown with the reason, after all others: somebody may look for it there.
    """
    notes, unusable = notes or {}, unusable or {}
    # "Something else" is for when nothing fits, so it stands last of those that can be used.
    order = sorted(titles, key=lambda name: (name in unusable, name == "unknown", titles[name]))
    options = [Option(name, one_line(titles[name], 80), unusable.get(name) or notes.get(name, "")) for name in order]
    return _chosen("What is happening?", options, suggested or options[0].key, plain=plain)


def choose_person(people: Sequence[Person], user: str, *, plain: bool) -> str:
    """Who sits here: the id of one of `people`, or `user`, as this machine calls them. Raises Interrupted."""
    options = [
        Option(one.id, one_line(one.name, 60), ", ".join(role.replace("-", " ") for role in one.roles))
        for one in people
    ]
    # Enter alone makes nobody somebody else.
    options.append(Option("", f"Somebody else: {one_line(user, 60)}", "`--as NAME` or CRISIS_AS says so beforehand"))
    return _chosen("Who are you?", options, "", plain=plain) or user


def _chosen(question: str, options: Sequence[Option], default: str, *, plain: bool) -> str:
    with stopping() as stop:
        prompts = prompts_for(stop, plain=plain)
        while True:
            try:
                return prompts.select(question, options, default, _NothingMoves(stop))
            except MenuWanted:
                continue
            except Interrupted as left:
                error = Interrupted("Nothing was opened.")
                error.exit = left.exit
                let_go_of_terminal()
                raise error from None


def prompts_for(stop: Stopping, *, plain: bool) -> Prompts:
    """Prompts that redraw, or plain ones where they are wanted or the terminal can do no other."""
    if plain or os.environ.get("TERM", "") in ("dumb", "") or not sys.stderr.isatty():
        from crisis.adapters.operator.plain import PlainPrompts

        return PlainPrompts(stop)
    from crisis.adapters.operator.redrawing import RedrawingPrompts

    return RedrawingPrompts(sys.stderr, stop)
