# SPDX-License-Identifier: MIT
"""A flame graph as one SVG file: each box a function, as wide as its cost, on top of its caller."""
import html
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from perf.firefox import KERNEL
from perf.stacks import Frame

WIDTH = 1200
ROW_HEIGHT = 18
HEAD_HEIGHT = 44
MARGIN = 10
CHARACTER_WIDTH = 6.6
NARROWEST = 0.3   # boxes below are left out
STYLE = ("text{font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1d2129}"
         "h1{font-size:15px}.title{font-size:14px;font-weight:600}.note{fill:#59636e}rect{stroke:#fff;"
         "stroke-width:.5}g:hover rect{stroke:#000;stroke-width:1}")


@dataclass
class Node:
    value: float = 0.0
    children: dict[Frame, "Node"] = field(default_factory=dict)


def tree(stacks: Iterable[tuple[tuple[Frame, ...], float]]) -> Node:
    root = Node()
    for stack, value in stacks:
        node = root
        node.value += value
        for frame in stack:
            node = node.children.setdefault(frame, Node())
            node.value += value
    return root


def _color(frame: Frame, program: str) -> str:
    """Warm for the program itself, blue for libraries, grey for the kernel; the shade tells functions apart."""
    shade = zlib.crc32(frame.function.encode()) % 100
    if frame.module == KERNEL:
        return f"hsl(220,8%,{72 + shade // 8}%)"
    if frame.module == program:
        return f"hsl({16 + shade * 0.34:.0f},88%,{66 + shade // 9}%)"
    return f"hsl({195 + shade * 0.3:.0f},60%,{72 + shade // 10}%)"


def _boxes(node: Node, left: float, depth: int, scale: float) -> Iterable[tuple[Frame, float, float, int, float]]:
    """(function, left, width, depth, cost); heavy siblings first, so that two graphs are easily compared."""
    for frame, child in sorted(node.children.items(), key=lambda item: (-item[1].value, item[0])):
        width = child.value * scale
        if width < NARROWEST:
            continue
        yield frame, left, width, depth, child.value
        yield from _boxes(child, left, depth + 1, scale)
        left += width


def render(root: Node, title: str, note: str, program: str, unit: str) -> str:
    scale = (WIDTH - 2 * MARGIN) / root.value if root.value else 0.0
    boxes = list(_boxes(root, MARGIN, 0, scale))
    rows = 1 + max((depth for _, _, _, depth, _ in boxes), default=0)
    height = HEAD_HEIGHT + rows * ROW_HEIGHT + MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
             f'style="max-width:100%;height:auto;background:#fff" role="img"><style>{STYLE}</style>',
             f'<text class="title" x="{MARGIN}" y="19">{html.escape(title)}</text>',
             f'<text class="note" x="{MARGIN}" y="35">{html.escape(note)}</text>']
    for frame, left, width, depth, value in boxes:
        top = height - MARGIN - (depth + 1) * ROW_HEIGHT
        tip = f"{frame.function} ({frame.module}): {value:,.3f} {unit}, {100 * value / root.value:.2f} %"
        fits = int((width - 6) / CHARACTER_WIDTH)
        label = frame.function if len(frame.function) <= fits else frame.function[:max(fits - 1, 0)] + "\u2026"
        text = f'<text x="{left + 3:.1f}" y="{top + 12.5}">{html.escape(label)}</text>' if fits > 2 else ""
        parts.append(f'<g><title>{html.escape(tip)}</title><rect x="{left:.2f}" y="{top}" width="{width:.2f}" '
                     f'height="{ROW_HEIGHT - 1}" rx="1.5" fill="{_color(frame, program)}"/>{text}</g>')
    return "\n".join(parts) + "\n</svg>\n"
