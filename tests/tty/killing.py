"""Walks that are killed at random moments and resumed, until so many kills are done. Run as a program.

    python killing.py PROJECT JOURNAL SEED KILLS

Each life is a forked process that walks like `crisis resume`, and tells a pipe what it asks; the parent kills it
with SIGKILL. What is printed is a JSON document: the kills, every question of every life, and how each walk ended.
"""

from __future__ import annotations

import json
import os
import random  # noqa: TID251  # a test may be killed whenever it likes; its seed is an argument
import select
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crisis.adapters import templates
from crisis.adapters.operator.scripted import Script
from crisis.engine import shapes
from crisis.kernel.errors import CrisisError
from crisis.runtime.ports import News, Watch
from crisis.runtime.scene import Meanwhile, Prefer, Question, Reply, Say
from crisis.runtime.walk import Walk
from crisis.wiring.live import Beginning, desk_at, open_incident, zone_of
from crisis.wiring.preparing import Prepared, prepare

ANSWERS: dict[str, Any] = {
    "facts": {"product": "Kettle 3", "injury": "yes"},
    "assess": "SEV1",
    "holding.approve": {"name": ["Ana Berg, +45 11 22 33 44"]},
    "verify": "all",
    "freeze": {"Newsletter": "paused by Bo"},
    "over": {"criteria": "all", "choice": "agreed"},
    "thaw": {"Newsletter": "on again"},
    "debrief": {
        "cause": "a seal",
        "impact": "one hand",
        "worked": "the text",
        "failed": "the phone",
        "action": [[{"action": "new seal", "owner": "Bo", "due": "2026-12-01"}], []],
    },
}


class Teller:
    """A person who answers at once, and says to a pipe what was asked."""

    present = True
    via = "terminal"

    def __init__(self, pipe: int, me: str, now: datetime) -> None:
        self.pipe, self.me, self.now = pipe, me, now
        self.script = Script(ANSWERS)

    def say(self, *words: object) -> None:
        os.write(self.pipe, (json.dumps(words) + "\n").encode())

    def ask(self, question: Question, watch: Watch) -> Reply:
        one = question.open_ask
        self.say("asked", question.around.scene.incident, question.step, one.round, one.ask.key)
        match one.ask.wants:
            case shapes.Draft():
                texts = [{"channel": t.channel, "language": t.language, "text": t.text} for t in question.proposed]
                return Say({"texts": texts})
            case shapes.SignOff():
                return Say(
                    {
                        "person": next(iter(question.around.people)),
                        "verdict": "yes",
                        "proof": "verbal",
                        "heard_by": self.me,
                        "read_back": True,
                    }
                )
            case shapes.Release():
                return Say("post")
            case shapes.Link():
                return Say({"link": "https://x.example/1"})
            case _:
                return Say(self.script.value(question, self.now))

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        taken = meanwhile.choices[0].open_ask
        return Prefer(*taken.key)

    def tell(self, news: Sequence[News]) -> None:
        pass

    def refuse(self, why: CrisisError) -> None:
        self.say("refused", why.message)


def live(prepared: Prepared, journal: Path, pipe: int) -> None:
    """One life: open an incident, or go on with the one that is open, to its end."""
    desk = desk_at(journal)
    still = [head.incident for head in desk.journal.heads() if head.brief.get("closed_at") is None]
    name = still[0] if still else open_incident(desk, prepared, "Kim Dahl", Beginning(facts={}), present=True).id
    lead = desk.case(name).incident.lead
    teller = Teller(pipe, lead, desk.clock.now())
    Walk(desk, teller, lead, templates, zone_of("")).run(name)
    teller.say("closed", name)


def one_life(prepared: Prepared, journal: Path, chance: random.Random | None, usual: float) -> tuple[list[Any], bool]:
    """What was asked in a life, and whether it was killed; without `chance` it is let live."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            live(prepared, journal, writes)
        except BaseException as error:  # noqa: BLE001  # the parent tells of it, and the child ends here
            os.write(writes, (json.dumps(["failed", repr(error)]) + "\n").encode())
        os._exit(0)
    os.close(writes)
    killed = chance is not None and _kill(child, reads, chance, usual)
    said = b""
    while part := os.read(reads, 65_536):
        said += part
    os.close(reads)
    os.waitpid(child, 0)
    whole = said[: said.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], killed


def _kill(child: int, reads: int, chance: random.Random, usual: float) -> bool:
    # Most lives get as far as their first question; some are killed while they are still reading.
    if chance.random() < 0.85:
        select.select([reads], [], [], 30)
    time.sleep(chance.uniform(0, usual))
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    os.kill(child, signal.SIGKILL)
    return ended is None


def main(project: str, journal: str, seed: str, kills: str) -> None:
    chance = random.Random(int(seed))
    prepared = prepare("kettle", Path(project))
    began = time.monotonic()
    lives = [one_life(prepared, Path(journal), None, 0)[0]]
    usual = (time.monotonic() - began) / 8
    done = 0
    while done < int(kills):
        said, killed = one_life(prepared, Path(journal), chance, usual)
        lives.append(said)
        done += killed
    lives.append(one_life(prepared, Path(journal), None, 0)[0])
    sys.stdout.write(json.dumps({"kills": done, "lives": lives}))


if __name__ == "__main__":
    main(*sys.argv[1:])
