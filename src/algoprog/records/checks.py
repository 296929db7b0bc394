"""Which values a field may hold, as a schema that a table of records is checked against."""

from __future__ import annotations

import pandera.polars as pa
from pandera.errors import SchemaErrors

from algoprog.records.fields import Field
from algoprog.records.reading import TYPES

# Blanks, controls and formats of which nothing can be seen; a text that must be there has more.
INVISIBLE = (
    r"\x00-\x20\x7f-\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff"
)
_SHOWS = rf"^[{INVISIBLE}]*[^{INVISIBLE}]"


def column_of(field: Field) -> pa.Column:
    """Return what a field may hold, as a column of a schema."""
    checks = []
    if field.least is not None:
        check = pa.Check.gt if field.above else pa.Check.ge
        checks.append(check(field.least))
    if field.greatest is not None:
        checks.append(pa.Check.le(field.greatest))
    if field.values is not None:
        checks.append(pa.Check.isin(list(field.values)))
    if field.kind == "text" and field.required:
        checks.append(pa.Check.str_matches(_SHOWS))
    return pa.Column(TYPES[field.kind], checks, nullable=not field.required)


def faults(broken: SchemaErrors) -> list[tuple[int, str]]:
    """Return row and field of every cell at fault, in order."""
    cases = broken.failure_cases
    if cases["index"].null_count():  # no cell is at fault but a column or a check: our mistake
        raise AssertionError(cases)
    return sorted(set(zip(cases["index"], cases["column"], strict=True)))
