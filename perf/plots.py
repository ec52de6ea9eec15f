# SPDX-License-Identifier: MIT
"""The plots of the laboratory's page, each as the text of an SVG: figures in, nothing read or written.

All are as wide as a telephone is, so that their letters can be read there; a wide page puts them side by side.
"""
import io
import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

INCHES = 5.4  # at 72 points
BEFORE, AFTER, GOOD, BAD, GREY = "#8a8f98", "#1f6feb", "#1a7f37", "#cf222e", "#59636e"
COLOURS = ("#1f6feb", "#d9730d", "#8250df", "#1a7f37", "#bf3989", "#6e7781", "#9a6700")
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "evx", "font.size": 10, "axes.titlesize": 11,
         "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.spines.top": False,
         "axes.spines.right": False, "axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": "#1d2129",
         "axes.labelcolor": GREY, "legend.frameon": False}


class Bar(NamedTuple):
    label: str
    value: float
    low: float
    high: float


def _svg(figure: Figure) -> str:
    """For a place within a page: no prologue, no metadata; its size is the page's business."""
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", target.getvalue(), flags=re.DOTALL)
    head, rest = svg[svg.index("<svg"):].split(">", 1)
    return re.sub(r' (width|height)="[^"]*"', "", head) + ">" + rest.strip()


def _figure(height: float) -> tuple[Figure, Any]:
    return pyplot.subplots(figsize=(INCHES, height), layout="constrained")


# ---------------------------------------------------------------------------------------------- rivals

Groups = dict[str, dict[str, float]]  # log -> converter -> MB/s


def speeds(formats: dict[str, Groups], colours: dict[str, str]) -> list[str]:
    """One plot for each format, all with the same axis: logarithmic, a converter may be a thousand times slower."""
    every = [speed for groups in formats.values() for group in groups.values() for speed in group.values()]
    left = 10.0 ** math.floor(math.log10(min(every) / 1.5))
    with pyplot.rc_context(STYLE):
        return [_speeds(title, groups, colours, (left, 3 * max(every))) for title, groups in formats.items()]


def _speeds(title: str, groups: Groups, colours: dict[str, str], limits: tuple[float, float]) -> str:
    figure, axes = _figure(1.1 + 0.21 * sum(len(group) + 1 for group in groups.values()))
    at = 0.0
    for log, group in groups.items():
        axes.text(limits[0], at, log, va="center", fontweight="bold", fontsize=9)
        for name, speed in sorted(group.items(), key=lambda item: -item[1]):
            at += 1
            axes.barh(at, speed - limits[0], left=limits[0], height=0.8, color=colours[name])
            axes.text(speed, at, f" {speed:,.0f}" if speed >= 100 else f" {speed:.3g}", va="center", fontsize=8.5)
        at += 1.3
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlim(limits)
    axes.set_ylim(at - 0.5, -0.8)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("MB of log per second (logarithmic)")
    axes.set_title(title)
    return _svg(figure)


# --------------------------------------------------------------------------------------------- history

def history(labels: Sequence[str], lines: dict[str, Sequence[float | None]]) -> str:
    """lines: workload -> how many times as fast as at the beginning, behind each label."""
    with pyplot.rc_context(STYLE):
        figure, axes = _figure(3.2)
        for colour, (workload, values) in zip(COLOURS, lines.items()):
            points = [(at, value) for at, value in enumerate(values) if value is not None]
            axes.plot(*zip(*points), "o-", color=colour, markersize=4, label=workload)
        step = max(1, len(labels) // 12)
        axes.set_xticks(range(0, len(labels), step), labels[::step])
        axes.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
        axes.set_ylabel("times as fast")
        axes.set_title("Speed against the first base")
        axes.margins(x=0.05)
        axes.legend(loc="upper left", ncols=3)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + (0.08 + 0.1 * ((len(lines) + 2) // 3)) * (high - low))
        return _svg(figure)


# ------------------------------------------------------------------------------------------- ablations

def ablations(title: str, bars: Sequence[Bar]) -> str:
    """Costs of leaving an optimisation out, in per cent; the interval is the thin line."""
    with pyplot.rc_context(STYLE):
        figure, axes = _figure(0.9 + 0.42 * len(bars))
        for row, bar in enumerate(bars):
            cost, low, high = (100 * (value - 1) for value in (bar.value, bar.low, bar.high))
            colour = GREY if low <= 0 <= high else BAD if cost > 0 else GOOD
            axes.barh(row + 0.16, cost, height=0.36, color=colour, alpha=0.75)
            axes.plot([low, high], [row + 0.16] * 2, color="#1d2129", linewidth=1.2)
            axes.annotate(bar.label, (0, row - 0.24), (3, 0), textcoords="offset points", va="center", fontsize=9)
            axes.annotate(f"{cost:+.1f} %", (max(high, cost, 0), row + 0.16), (5, 0), textcoords="offset points",
                          va="center", fontsize=8.5)
        lowest = min(0.0, *(100 * (bar.low - 1) for bar in bars))
        highest = max(1.0, *(100 * (bar.high - 1) for bar in bars))
        # A few are worth hundreds of per cent, and the others should be seen beside them.
        axes.set_xscale("symlog", linthresh=10)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axes.set_xlim(1.5 * lowest - 0.5, 8 * max(highest, 10.0))
        axes.set_ylim(len(bars) - 0.45, -0.6)
        axes.set_yticks([])
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("% more time without it (logarithmic above 10 %)")
        axes.set_title(title)
        return _svg(figure)


# ------------------------------------------------------------------------------------------------ runs

def runs(title: str, unit: str, before: Sequence[float], after: Sequence[float]) -> str:
    """Two histograms over the same bins; far outliers are in the last one."""
    with pyplot.rc_context(STYLE):
        figure, axes = _figure(2.1)
        both = sorted([*before, *after])
        start, end = both[0], both[max(0, int(0.98 * len(both)) - 1)]
        end = end if end > start else start * 1.01 + 1e-9
        count = min(40, max(8, len(both) // 8))
        edges = [start + (end - start) * at / count for at in range(count + 1)]
        for name, times, colour in (("before", before, BEFORE), ("after", after, AFTER)):
            axes.hist([min(time, end) for time in times], bins=edges, color=colour, alpha=0.55, label=name)
            axes.axvline(sorted(times)[len(times) // 2], color=colour, linewidth=1.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(unit)
        axes.set_title(title)
        axes.legend(loc="upper right", ncols=1)
        return _svg(figure)
