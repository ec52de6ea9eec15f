# SPDX-License-Identifier: MIT
"""Statistics for a noisy machine: what the samples of measure.interleave() prove, and what they do not.

The ratio of two programs is estimated from rounds. Both runs of a round meet the same clock, so their
ratio is steady where the times jump between two levels; the estimate is the median of these ratios, and
its interval comes from a bootstrap over whole rounds.
"""
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

MARGIN = 0.01  # below one per cent two programs are called equally fast
RESAMPLES = 4000

FASTER, SLOWER, SAME, UNDECIDED = "faster", "slower", "no difference", "undecided"


@dataclass(frozen=True)
class Ratio:
    """after / before: 0.9 means that after needs 90 % of the time."""
    ratio: float
    low: float
    high: float

    def verdict(self, margin: float = MARGIN) -> str:
        """faster or slower when the whole interval is outside the margin, no difference when it is inside."""
        if self.high < 1 - margin:
            return FASTER
        if self.low > 1 + margin:
            return SLOWER
        if self.low >= 1 - margin and self.high <= 1 + margin:
            return SAME
        return UNDECIDED

    def half_width(self) -> float:
        return (self.high - self.low) / (2 * self.ratio)

    def __str__(self) -> str:
        return f"{self.ratio:.4f} [{self.low:.4f}, {self.high:.4f}]"


def summary(samples: Sequence[float]) -> dict[str, float]:
    """spread is the distance between the quartiles as a part of the median."""
    median = statistics.median(samples)
    quarter, three_quarters = numpy.percentile(samples, [25, 75])
    return {"median": median, "minimum": min(samples), "mean": statistics.fmean(samples),
            "stddev": statistics.stdev(samples) if len(samples) > 1 else 0.0,
            "spread": float(three_quarters - quarter) / median if median else 0.0}


def ratio(before: Sequence[float], after: Sequence[float], confidence: float = 0.99, seed: int = 1) -> Ratio:
    """Median of after / before over the rounds; before[i] and after[i] were taken in the same round."""
    if len(before) != len(after) or len(before) == 0:
        raise ValueError(f"{len(before)} and {len(after)} samples are no pairs")
    logs = numpy.log(numpy.asarray(after, dtype=float)) - numpy.log(numpy.asarray(before, dtype=float))
    picks = numpy.random.default_rng(seed).integers(0, len(logs), size=(RESAMPLES, len(logs)))
    medians = numpy.median(logs[picks], axis=1)
    low, high = numpy.quantile(medians, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Ratio(math.exp(float(numpy.median(logs))), math.exp(float(low)), math.exp(float(high)))
