"""The page: its sections in order, and their assembly into one HTML file that needs nothing else.

Figures are inline SVG, styles and the script inline too, and nothing is fetched. Every number in
its text comes from a table or from the configuration; the run times alone are of the machine.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterator

import jinja2
from markupsafe import Markup

from algoprog.common.numbers import FILTERS, format_delta
from algoprog.quantities.headline import RESAMPLED
from algoprog.report.basis import basis
from algoprog.report.figures.parts.compact import Sheet
from algoprog.report.figures.parts.declared import Drawing
from algoprog.report.figures.parts.files import inline_svg
from algoprog.report.figures.parts.style import DARK_PALETTE, PALETTE
from algoprog.report.inputs import Inputs
from algoprog.report.section import Section
from algoprog.report.sections import (
    allocation,
    answer,
    attribution,
    audit,
    average,
    bayes,
    capability,
    changes,
    compute_reductions,
    coverage,
    cross_validation,
    direct_observation,
    doubling,
    effective_compute,
    endogeneity,
    eras,
    estimates,
    explorer,
    findings,
    fits,
    frontiers,
    histories,
    identification,
    influence,
    innovations,
    methods,
    multiverse,
    not_established,
    out_of_time,
    own_growth,
    penalty,
    profiles,
    provenance,
    record,
    reference,
    sensitivity,
    shapley,
    studies,
    sweeps,
    transformer,
)
from algoprog.report.words import BENCHMARKS, law

# Run one after another as one script.
SCRIPTS = ("page.js", "explorer.js")
# A number's per cent sign; or what is not read as text, whose tag the match has.
PER_CENT = re.compile(r"<(script|style|pre|code)\b.*?</\1>|(?<=\d) %", re.DOTALL)

# The sections in the order of the page, below the answer: parts by their entry in the contents,
# each of which begins with a section that has a heading of the second level.
PARTS: tuple[tuple[str, tuple[Section, ...]], ...] = (
    (
        "How far to trust it",
        (own_growth.SECTION, out_of_time.SECTION, coverage.SECTION, profiles.SECTION),
    ),
    ("Why it differs", (findings.SECTION, penalty.SECTION)),
    (
        "What drives it",
        (
            explorer.SECTION,
            sensitivity.SECTION,
            influence.SECTION,
            multiverse.SECTION,
            attribution.SECTION,
            average.SECTION,
        ),
    ),
    (
        "What progress was made of",
        (
            shapley.SECTION,
            transformer.SECTION,
            innovations.SECTION,
            eras.SECTION,
            effective_compute.SECTION,
        ),
    ),
    ("Now", (capability.SECTION, histories.SECTION)),
    (
        "Other evidence",
        (
            estimates.SECTION,
            direct_observation.SECTION,
        ),
    ),
    (
        "What was not established",
        (not_established.SECTION, identification.SECTION, endogeneity.SECTION),
    ),
    ("Data", (record.SECTION, changes.SECTION)),
    ("Reproduction and defects", (audit.SECTION,)),
    ("Methods, glossary, how to cite", (methods.SECTION, reference.SECTION)),
)
# Below them, folded: what a reader looks up.
APPENDIX: tuple[Section, ...] = (
    bayes.SECTION,
    studies.SECTION,
    sweeps.SECTION,
    compute_reductions.SECTION,
    frontiers.SECTION,
    doubling.SECTION,
    cross_validation.SECTION,
    fits.SECTION,
    allocation.SECTION,
    provenance.SECTION,
)
SECTIONS = (answer.SECTION, *(one for _, part in PARTS for one in part), *APPENDIX)


def render(inputs: Inputs) -> str:
    """Return the page as HTML."""
    made = environment()
    # Markup: the script is ours.
    script = Markup("".join(made.loader.get_source(made, name)[0] for name in SCRIPTS))  # type: ignore[union-attr]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rows = {section.name: section.rows(inputs) for section in SECTIONS}
    parts = {
        title: there
        for title, part in PARTS
        if (there := [section for section in part if rows[section.name] is not None])
    }
    appendix = [section for section in APPENDIX if rows[section.name] is not None]
    sheet = Sheet()
    drawn = {
        name: _inline(name, drawing, sheet, inputs.figures.get(name))
        for name, drawing in page_figures(inputs)
    }
    html = made.get_template("report.html.j2").render(
        script=script,
        script_hash=Markup(f"sha256-{digest}"),
        palette=PALETTE,
        dark_palette=DARK_PALETTE,
        inputs=inputs,
        settings=inputs.settings,
        analyses=inputs.headlines,
        basis={
            estimator: basis(inputs, getattr(inputs.settings.headline, estimator))
            for estimator in inputs.headlines
        },
        responses=BENCHMARKS,
        resampled=RESAMPLED,
        drawn=drawn,
        drawn_styles=Markup(sheet.text()),
        shipped={row["table"]: row for row in inputs.rows("shipped_tables")},
        sections=[section for part in parts.values() for section in part],
        appendix=appendix,
        contents={title: part[0].anchor for title, part in parts.items()}
        | ({"Appendix": "appendix"} if appendix else {}),
        **rows,
    )
    return _together(html)


def _together(html: str) -> str:
    """Return a page whose lines break between no number and its per cent sign.

    Scripts, styles and what is copied from the page stay as they are.
    """
    return PER_CENT.sub(lambda found: found[0] if found[1] else "\N{NO-BREAK SPACE}%", html)


@functools.cache
def environment(**templates: str) -> jinja2.Environment:
    """Return the page's templates, with further templates by name, and the filters they use.

    Jinja takes half as long to compile them as the page takes to render, so they are kept.
    """
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.DictLoader(templates), jinja2.PackageLoader("algoprog.report")]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"delta": format_delta, **FILTERS}
    made.globals["law"] = law
    return made


def page_figures(inputs: Inputs) -> Iterator[tuple[str, Drawing]]:
    """Yield every figure of the page that there is something to draw of, by name."""
    for section in SECTIONS:
        for figure in section.figures:
            drawing = figure.drawing(inputs)
            if drawing is not None:
                yield figure.name, drawing


def _inline(name: str, drawing: Drawing, sheet: Sheet, drawn_before: str | None = None) -> Markup:
    """Return a figure in a box that scrolls sideways where the page is narrower than its text."""
    figure = drawing.draw() if drawn_before is None else drawn_before
    drawn = inline_svg(figure, f"{name}-figure", drawing.title, drawing.finding, sheet)
    # Markup: the SVG is ours, with everything in it escaped when it was written.
    size = " small" if drawing.small else ""
    return Markup(f'<div class="plot{size}">{drawn}</div>')
