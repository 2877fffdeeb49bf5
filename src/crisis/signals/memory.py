"""The brand's own past peaks, fading over weeks: the yardstick for what is unheard of.

A z-score asks how far a value lies from the mean, in a world of bell curves. Mentions are not such a world:
every brand has its own bursts. So the question here is whether this is higher than what this brand has been
through, where what is long past counts less. The record is soft: blocks of six hours enter with the eighth
power of their peak, so that one high peak counts almost alone, and many a little lower add up to more.
"""

from __future__ import annotations

import math
from typing import Self

from msgspec import Struct, field

from crisis.signals.evidence import NOISE
from crisis.signals.windows import zeros

BLOCK = 6 * 3600.0
POWER = 8.0
HALF_LIFE_DAYS = 20.0
FADE = 0.5 ** (BLOCK / (HALF_LIFE_DAYS * 86400))
FULL = FADE / (1 - FADE)  # what all blocks weigh together once the memory is full
TAIL = 4.0  # of the peaks' distribution: twice as high is sixteen times as rare
SHOCK = 2.0  # times the record: a peak is remembered as no higher, so that after one storm the next is still seen
LEARNING_BLOCKS = 4  # a day must have been seen before anything is called unusual
PRIOR_BLOCKS = 4.0  # how many blocks the assumed spread of peaks is worth
PRIOR_SPREAD = 1.0  # of the logarithm: a factor of e up or down
_EULER = 0.5772156649015329


class PastPeaks(Struct):
    """Per window: the peak of the block that runs, and of all blocks before it the faded sum of powers."""

    block: int | None = None
    blocks: int = 0
    running: list[float] = field(default_factory=zeros)
    powers: list[float] = field(default_factory=zeros)
    records: list[float] = field(default_factory=zeros)
    weight: float = 0.0
    logs: list[float] = field(default_factory=zeros)
    squares: list[float] = field(default_factory=zeros)

    @classmethod
    def of(cls, count: int) -> Self:
        """Those of so many windows."""
        return cls(
            running=zeros(count), powers=zeros(count), records=zeros(count), logs=zeros(count), squares=zeros(count)
        )

    @property
    def learned(self) -> bool:
        """Whether enough has been seen to call anything unusual."""
        return self.blocks >= LEARNING_BLOCKS

    @property
    def doubt(self) -> float:
        """How much more evidence a short history asks for: 2.3 times after a day, a quarter more after two weeks.

        The highest of few peaks is low. With a tail of index TAIL the level that is passed once in a full
        memory lies (full / filled) ** (1 / TAIL) above the one passed once in what was seen so far.
        """
        return (FULL / self.weight) ** (1 / TAIL) if self.weight else math.inf

    def turn(self, time: float, span: float) -> None:
        """Close the running block if `time` (seconds) lies behind it. Only closed blocks are compared with.

        `span`: seconds that a row stands for; a row of a day is worth four blocks, a gap is worth none.
        """
        block = int(time // BLOCK)
        if self.block is None:
            self.block = block
        if block == self.block:
            return
        fade = FADE ** (block - self.block)
        worth = max(1, min(block - self.block, round(span / BLOCK)))
        learned, powers, records, logs, squares = self.learned, self.powers, self.records, self.logs, self.squares
        for n, peak in enumerate(self.running):
            # Up to NOISE it may be chance, so that a record of next to nothing limits nothing.
            lesson = min(peak, SHOCK * max(records[n], NOISE)) if learned else peak
            powers[n] = power = (powers[n] + lesson**POWER) * fade
            records[n] = power ** (1 / POWER)
            log = math.log1p(peak)
            logs[n] = (logs[n] + worth * log) * fade
            squares[n] = (squares[n] + worth * log * log) * fade
        self.weight = (self.weight + worth) * fade
        self.blocks += worth
        self.block, self.running = block, zeros(len(self.records))

    def odds(self, window: int, peak: float) -> float:
        """About once in how many days a block peaks this high, the peaks' logarithms taken as Gumbel.

        Never more than ten times the days that were seen: nobody can know better.
        """
        weight = self.weight
        if not weight:
            return 0.0
        mean = self.logs[window] / weight
        spread = max(0.0, self.squares[window] / weight - mean * mean)
        variance = (weight * spread + PRIOR_BLOCKS * PRIOR_SPREAD**2) / (weight + PRIOR_BLOCKS)
        deviation = (math.log1p(peak) - mean) / math.sqrt(variance * (1 + 1 / weight))
        rate = -math.expm1(-math.exp(min(700.0, -(deviation * math.pi / math.sqrt(6) + _EULER))))
        days = BLOCK / 86400
        return min(days / max(rate, 1e-12), 10 * days * self.blocks)
