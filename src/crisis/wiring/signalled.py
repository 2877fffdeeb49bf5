"""`crisis start --from-signals`: what exports say before there is an incident. It proposes; a person decides."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.kernel.errors import CrisisError

if TYPE_CHECKING:
    from crisis.engine.commands import ReadSignals
    from crisis.playbook.model import SeverityRule
    from crisis.wiring.measuring import Looked


class Signals(Struct, frozen=True):
    """Exports that were read for an incident that is not open yet."""

    looked: Looked

    def among(self, titles: Mapping[str, str], project: Path) -> tuple[Mapping[str, str], str]:
        """What each playbook's rules propose; and the playbook whose rule speaks for the worst, if one does.

        Numbers know how bad it is and not what it is: where several say the same, none is suggested.
        """
        from crisis.wiring.assessing import assess_by
        from crisis.wiring.preparing import prepare

        notes: dict[str, str] = {}
        ruled: dict[str, str] = {}
        for name in titles:
            try:
                proposal = assess_by(prepare(name, project).plan.severity, name, self.looked.standings).proposal
            except CrisisError:
                continue  # it is said what is wrong with it once it is chosen
            notes[name] = f"{proposal.severity} by its rules" if proposal.rule else "no rule of it holds"
            if proposal.rule:
                ruled[name] = proposal.severity
        worst = [name for name, severity in ruled.items() if severity == min(ruled.values())]
        return notes, worst[0] if len(worst) == 1 else ""

    def proposes(self, playbook: str, rules: Mapping[str, SeverityRule]) -> list[str]:
        """What the rules propose, and the advice, in lines."""
        from crisis.adapters.render.signals import assessed_lines
        from crisis.wiring.assessing import assess_by

        assessed = assess_by(rules, playbook, self.looked.standings)
        return assessed_lines(assessed.proposal, assessed.advice, None, None)

    def command(self, rules: Mapping[str, SeverityRule], known_since: datetime | None) -> ReadSignals:
        """What is recorded when the incident opens; `known_since` is when it was known, where that was said."""
        from crisis.wiring.measuring import read

        return read(self.looked, rules, known_since).command


def read_signals(files: Sequence[Path], tz: str | None, map_file: Path | None) -> Signals:
    """Read the exports and show what they say, on stderr. Raises CrisisError subclasses only."""
    from crisis.adapters.render.signals import report_lines
    from crisis.wiring.gathering import Wanted
    from crisis.wiring.measuring import look, table

    looked = look(Wanted(files=files, tz=tz, map_file=map_file))
    lines = [*report_lines(looked.gathered.report, None), "", *table(looked.standings, None, sys.stderr), ""]
    with suppress(OSError, ValueError):
        sys.stderr.write("".join(f"{line}\n" for line in lines))
    return Signals(looked)
