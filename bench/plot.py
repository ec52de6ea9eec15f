# SPDX-License-Identifier: MIT
"""Results of the suite as bars: bytes of input per second, on a logarithmic axis, as the slowest rival is
a thousand times slower than the fastest. One thread, no output."""
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  (behind the choice of the backend)

from bench import table  # noqa: E402

BAR = 0.8


def draw(results: list[dict], target: Path) -> None:
    rows = [row for row in table.timed(results) if row["sink"] == "null" and row["threads"] == 1]
    formats = list(dict.fromkeys(row["format"] for row in rows))
    if not formats:
        return
    colours = {name: f"C{place}" for place, name in enumerate(dict.fromkeys(row["converter"] for row in rows))}
    most = max(sum(row["format"] == output_format for row in rows) for output_format in formats)
    figure, panels = pyplot.subplots(1, len(formats), figsize=(6 * len(formats), 1.5 + 0.22 * most),
                                     sharex=True, squeeze=False, layout="constrained")
    for panel, output_format in zip(panels[0], formats):
        draw_format(panel, [row for row in rows if row["format"] == output_format], colours)
        panel.set_title(output_format)
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=colour) for colour in colours.values()]
    figure.legend(handles, colours, loc="outside upper center", ncols=len(colours))
    figure.supxlabel("MB of log per second (median; one thread, output to /dev/null)")
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)


def draw_format(panel, rows: list[table.Row], colours: dict[str, str]) -> None:
    """Logs from top to bottom, a bar for each converter."""
    place, ticks = 0.0, {}
    for log in dict.fromkeys(row["log"] for row in rows):
        own = [row for row in rows if row["log"] == log]
        for number, row in enumerate(own):
            speed = row["bytes_per_second"] / 1e6
            at = place + number * BAR / 2
            panel.barh(at, speed, BAR / 2, color=colours[row["converter"]])
            panel.text(speed, at, f" {table.three_digits(speed)}", va="center", fontsize=7)
        ticks[place + (len(own) - 1) * BAR / 4] = table.shortened(log)
        place += len(own) * BAR / 2 + BAR / 2
    panel.set_yticks(list(ticks), list(ticks.values()))
    panel.invert_yaxis()
    panel.set_xscale("log")
    panel.margins(x=0.15)
    panel.spines[["top", "right"]].set_visible(False)
