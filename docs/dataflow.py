"""Draw docs/dataflow.svg: the rules of the workflow and what they hand on, from the rules.

python docs/dataflow.py TARGET.svg   (from the project's folder)

Snakemake says which rule reads what which other makes (``--rulegraph``); a box is a rule, its
colour the file of `rules/` it is in. Lines that others imply are left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path as Curve

from algoprog.report.figures.parts.files import svg
from algoprog.report.figures.parts.style import PALETTE, styled

Graph = dict[str, set[str]]

TARGETS = ("all", "multiverse", "coverage", "bayes", "calibration")
# It is there only while the tables that came with the project may be used, which an edit ends.
SOMETIMES = "shipped_table"
# Stages in the order of the data, each with the colour of its boxes' edge and of their inside.
STAGES = {
    "acquire": ("muted", "surface"),
    "normalize": ("ink", "surface"),
    "fit": ("blue", "surface"),
    "resample": ("blue", "grid"),
    "crossval": ("sky", "surface"),
    "quantities": ("vermillion", "surface"),
    "audit": ("purple", "surface"),
    "sensitivity": ("gold", "surface"),
    "evidence": ("muted", "grid"),
    "multiverse": ("green", "surface"),
    "sets": ("ink", "grid"),
    "coverage": ("green", "grid"),
    "histories": ("sky", "grid"),
    "capability": ("vermillion", "grid"),
    "experiments": ("gold", "grid"),
    "bayes": ("purple", "grid"),
    "synthesis": ("muted", "surface"),
    "report": ("ink", "grid"),
}


def rulegraph() -> str:
    """The graph of rules in the language of Graphviz, all of them, whatever was built."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "dot", "--forceall"]
    done = subprocess.run([*command, "--", *TARGETS], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def parse(dot: str) -> Graph:
    """By rule, the rules whose files it reads; without :data:`SOMETIMES`."""
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', dot, flags=re.MULTILINE))
    graph: Graph = {name: set() for name in names.values()}
    for source, target in re.findall(r"^\s*(\d+) -> (\d+)$", dot, flags=re.MULTILINE):
        graph[names[target]].add(names[source])
    graph.pop(SOMETIMES, None)
    return {rule: read - {SOMETIMES} for rule, read in graph.items()}


def reduced(graph: Graph) -> Graph:
    """The graph without the lines that follow from others."""
    above: Graph = {}
    for rule in TopologicalSorter(graph).static_order():
        above[rule] = set().union(*({one} | above[one] for one in graph[rule]))
    return {
        rule: {one for one in read if not any(one in above[other] for other in read - {one})}
        for rule, read in graph.items()
    }


def columns(graph: Graph) -> list[list[str]]:
    """Rules by column: each right of all it reads, near in height to what it is joined with.

    What no other rule reads is in the last column.
    """
    column: dict[str, int] = {}
    for rule in TopologicalSorter(graph).static_order():
        column[rule] = max((column[one] + 1 for one in graph[rule]), default=0)
    last = max(column.values())
    column |= dict.fromkeys(set(graph) - set().union(*graph.values()), last)
    numbers = range(1 + last)
    found = [sorted(rule for rule in graph if column[rule] == i) for i in numbers]
    readers: Graph = {rule: {one for one in graph if rule in graph[one]} for rule in graph}
    for _ in range(8):
        for joined, order in ((graph, found), (readers, found[::-1])):
            height = {rule: y for own in found for rule, y in heights(own)}
            for own in order:
                own.sort(key=lambda rule: (_mean(height, joined[rule], rule), rule))
                height.update(heights(own))
    return found


def heights(column: list[str]) -> list[tuple[str, float]]:
    """Height of each rule of a column, which is centred on 0."""
    return [(rule, i - (len(column) - 1) / 2) for i, rule in enumerate(column)]


def _mean(height: dict[str, float], others: Iterable[str], rule: str) -> float:
    joined = [height[other] for other in others]
    return sum(joined) / len(joined) if joined else height[rule]


@styled
def draw(graph: Graph, stage: dict[str, str]) -> Figure:
    """The figure; `stage` is the file of `rules/` that each rule is in."""
    placed = columns(graph)
    place = {rule: (x, -y) for x, own in enumerate(placed) for rule, y in heights(own)}
    tallest = max(map(len, placed))
    figure = Figure(figsize=(1.5 * len(placed), 0.36 * tallest + 0.8))
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(placed) - 0.5)
    axes.set_ylim(-tallest / 2 - 0.2, tallest / 2 + 0.2)
    half = 0.42  # of a box's width; a column is 1
    for rule in sorted(graph):
        for one in sorted(graph[rule]):
            (x0, y0), (x1, y1) = place[one], place[rule]
            start, end = (x0 + half, y0), (x1 - half, y1)
            middle = (start[0] + end[0]) / 2
            path = Curve(
                [start, (middle, y0), (middle, y1), end],
                [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4],
            )
            axes.add_patch(
                PathPatch(path, facecolor="none", edgecolor=PALETTE["muted"], linewidth=0.6)
            )
    for rule, (x, y) in sorted(place.items()):
        edge, inside = STAGES[stage[rule]]
        axes.add_patch(
            Rectangle((x - half, y - 0.34), 2 * half, 0.68, facecolor=PALETTE[inside],
                      edgecolor=PALETTE[edge], linewidth=1.2, zorder=3)
        )  # fmt: skip
        axes.text(x, y, rule.replace("_", " "), ha="center", va="center", fontsize=7, zorder=4)
    used = [name for name in STAGES if name in {stage[rule] for rule in graph}]
    looks = {name: [PALETTE[colour] for colour in STAGES[name]] for name in used}
    figure.legend(
        handles=[
            Patch(facecolor=inside, edgecolor=edge, label=name)
            for name, (edge, inside) in looks.items()
        ],
        loc="outside lower center",
        ncols=len(used),
    )
    return figure


def stages(folder: Path) -> dict[str, str]:
    """The file of `rules/` that each rule is in."""
    return {
        rule: path.stem
        for path in sorted(folder.glob("*.smk"))
        for rule in re.findall(r"^\s*rule (\w+):", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


if __name__ == "__main__":
    graph = parse(rulegraph())
    rules = reduced({rule: read for rule, read in graph.items() if rule not in TARGETS})
    Path(sys.argv[1]).write_text(svg(draw(rules, stages(Path("rules")))), encoding="utf-8")
