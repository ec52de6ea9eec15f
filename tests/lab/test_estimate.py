#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against differences that are none, and against real ones that are overlooked: the statistics on
made-up samples of a machine whose clock jumps between two levels."""
import pathlib
import sys
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import numpy  # noqa: E402

from bench import estimate, measure  # noqa: E402
from bench.estimate import FASTER, SAME, SLOWER, UNDECIDED, Ratio  # noqa: E402
from perf import pairs  # noqa: E402

SEEDS = range(20)
ROUNDS = 400
LEVELS = (13e6, 19e6)  # nanoseconds; a real machine jumped between these


def samples(seed, factor, together=0.8, noise=0.02):
    """Both programs' times. The level lasts some rounds; in a part of them it changes between the two runs."""
    random = numpy.random.default_rng(seed)
    level = numpy.cumsum(random.random(ROUNDS) < 0.1) % 2
    other = numpy.where(random.random(ROUNDS) < together, level, random.integers(0, 2, ROUNDS))
    one, two = (numpy.asarray(LEVELS)[levels] * (1 + noise * numpy.abs(random.standard_normal(ROUNDS)))
                for levels in (level, other))
    for times in (one, two):  # now and then somebody else is served first
        times += (random.random(ROUNDS) < 0.05) * 50e6 * random.random(ROUNDS)
    return one, two * factor


class Estimate(unittest.TestCase):
    def verdicts(self, factor):
        return [estimate.ratio(*samples(seed, factor)).verdict() for seed in SEEDS]

    def test_equal_programs_are_equal(self):
        self.assertEqual(self.verdicts(1.0), [SAME] * len(SEEDS))

    def test_three_per_cent_are_found(self):
        self.assertEqual(self.verdicts(1.03), [SLOWER] * len(SEEDS))
        self.assertEqual(self.verdicts(0.97), [FASTER] * len(SEEDS))

    def test_pairs_matter(self):
        """A clock that slows down while we measure: both runs of a round meet it, any two runs do not."""
        random = numpy.random.default_rng(1)
        drift = numpy.linspace(13e6, 19e6, ROUNDS)
        one, two = (drift * factor * (1 + 0.02 * random.standard_normal(ROUNDS)) for factor in (1.0, 1.03))
        paired, heaps = estimate.ratio(one, two), estimate.ratio(one, random.permutation(two))
        self.assertEqual(paired.verdict(), SLOWER)
        self.assertEqual(heaps.verdict(), UNDECIDED)

    def test_interval_holds_the_truth(self):
        """At 99 %, one miss in twenty would be much already."""
        missed = [seed for seed in range(100, 120)
                  if not (found := estimate.ratio(*samples(seed, 1.05))).low <= 1.05 <= found.high]
        self.assertLessEqual(len(missed), 1, missed)

    def test_interval_is_the_same_each_time(self):
        self.assertEqual(estimate.ratio(*samples(1, 1.0)), estimate.ratio(*samples(1, 1.0)))

    def test_verdicts_at_the_margin(self):
        for low, high, wanted in ((0.990, 1.010, SAME), (0.995, 1.002, SAME), (0.980, 0.9899, FASTER),
                                  (1.0101, 1.02, SLOWER), (0.985, 0.995, UNDECIDED), (1.005, 1.02, UNDECIDED),
                                  (0.9, 1.1, UNDECIDED)):
            with self.subTest(low=low, high=high):
                self.assertEqual(Ratio((low + high) / 2, low, high).verdict(0.01), wanted)

    def test_no_pairs_no_ratio(self):
        for one, two in (([1.0], [1.0, 2.0]), ([], [])):
            with self.assertRaises(ValueError):
                estimate.ratio(one, two)

    def test_summary(self):
        found = estimate.summary([4.0, 1.0, 2.0, 3.0, 100.0])
        self.assertEqual((found["median"], found["minimum"], found["mean"]), (3.0, 1.0, 22.0))
        self.assertAlmostEqual(found["spread"], 2 / 3)


class NumberOfRounds(unittest.TestCase):
    """Measuring ends when the interval is narrow, not before and not much later."""

    def rounds(self, noise, **method):
        one, two = samples(7, 1.0, noise=noise)
        until = pairs.narrow(pairs.Method(seconds_max=1e9, **method), ["cpu_median"])
        taken = [[measure.Sample(0, int(time), 0) for time in times] for times in (one, two)]
        return next((count for count in range(1, ROUNDS + 1)
                     if until({"a": taken[0][:count], "b": taken[1][:count]})), None)

    def test_steady_times_need_the_least(self):
        self.assertEqual(self.rounds(0.0001, rounds=40), 40)

    def test_noise_needs_more(self):
        count = self.rounds(0.02, rounds=40)
        self.assertGreater(count, 40)
        self.assertIsNotNone(count)

    def test_too_much_noise_is_not_called_narrow(self):
        self.assertIsNone(self.rounds(0.5, rounds=40))


if __name__ == "__main__":
    unittest.main()
