"""A watch over a replayed day, whose clock runs ahead of time, killed again and again. Run as a program.

    python replaying.py URL STATE ZERO SPEED UNTIL SEED KILLS

Virtual time is ZERO, in seconds since 1970, plus SPEED times what has passed since then. Each life is a forked process
that watches the tag and the tool at URL; it is ended with SIGKILL at a random moment. After KILLS of them one lives
until the virtual second UNTIL. Prints how many were killed.
"""

from __future__ import annotations

import os
import random  # noqa: TID251  # a test may be killed whenever it likes; its seed is an argument
import signal
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crisis.adapters.feeds import Given
from crisis.adapters.feeds.brandwatch import KIND as BRANDWATCH
from crisis.adapters.feeds.mastodon import KIND as MASTODON
from crisis.adapters.ledger import SqliteLedger
from crisis.runtime import watcher as watching
from crisis.runtime.feeds import Said, Watched
from crisis.runtime.watcher import Watcher
from crisis.signals.mention import Mention, Sentiment
from crisis.signals.settings import WATCHFUL


class FastClock:
    def __init__(self, zero: float, speed: float) -> None:
        self.zero, self.speed = zero, speed

    def now(self) -> datetime:
        passed = (time.time() - self.zero) * self.speed  # noqa: TID251  # a replay needs a clock to run ahead of
        return datetime.fromtimestamp(self.zero, UTC) + timedelta(seconds=passed)


class Silent:
    def tell(self, said: Said) -> None:
        pass

    def close(self) -> None:
        pass


def estimate(mention: Mention) -> Sentiment:
    """Sentiments of the tag, which gives none."""
    return "negative" if "leaks" in mention.text else "unknown"


def live(url: str, state: str, clock: FastClock, until: datetime | None) -> None:
    """One life, from the memory of the one before."""
    tool = f"{url}/projects/1/data/mentions?queryId=2"
    feeds = [
        Watched(
            id="tag",
            kind="mastodon",
            feed=MASTODON.make(Given("tag", f"{url}/tags/kettle")),
            every=timedelta(minutes=5),
        ),
        Watched(
            id="tool",
            kind="brandwatch",
            feed=BRANDWATCH.make(Given("tool", tool, token="t")),
            every=timedelta(minutes=10),
        ),
    ]
    with SqliteLedger(Path(state)) as ledger:
        watcher = Watcher(feeds, ledger, clock, Silent(), WATCHFUL, UTC, estimate=estimate, longest=0.02)
        watcher.run(until=until)


def forked(url: str, state: str, clock: FastClock, until: datetime | None = None) -> int:
    child = os.fork()
    if not child:
        try:
            live(url, state, clock, until)
        except BaseException:  # noqa: BLE001  # whatever it is, the parent must hear of it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def main(url: str, state: str, zero: str, speed: str, until: str, seed: str, kills: str) -> None:
    clock, rng = FastClock(float(zero), float(speed)), random.Random(int(seed))
    killed = 0
    for _ in range(int(kills)):
        child = forked(url, state, clock)
        time.sleep(rng.uniform(0.005, 0.4))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    ends = max(datetime.fromtimestamp(float(until), UTC), clock.now() + timedelta(hours=1))
    _, status = os.waitpid(forked(url, state, clock, ends), 0)
    print(killed, flush=True)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    # What takes a second on a busy machine takes an hour of this day: no clock is wrong by that.
    watching.AHEAD = timedelta(days=2)
    for library in ("httpx", "tenacity"):  # once, and not in each life
        __import__(library)
    main(*sys.argv[1:])
