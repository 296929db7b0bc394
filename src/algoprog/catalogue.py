"""Every result table by name, gathered from the packages that make them.

The rules take their lists of tables from here, and the results database, the page and the audit
the declarations of the tables they read. ``python -m algoprog.catalogue`` prints
docs/read-the-tables.md. It imports nothing heavy, for the configuration reads it in every run.
"""

from __future__ import annotations

from algoprog.audit import tables as audit
from algoprog.bayes import tables as bayes
from algoprog.capability import tables as capability
from algoprog.estimators import tables as estimators
from algoprog.experiments import tables as experiments
from algoprog.histories import tables as histories
from algoprog.quantities import tables as quantities
from algoprog.records import tables as records
from algoprog.resampling import tables as resampling
from algoprog.robustness import tables as robustness
from algoprog.synthesis import tables as synthesis
from algoprog.tables.declaration import by_name
from algoprog.tables.document import markdown

# In the order of the documents.
PACKAGES = (
    *(records, estimators, resampling, quantities, audit, robustness, bayes),
    *(histories, capability, experiments, synthesis),
)
TABLES = by_name(table for package in PACKAGES for table in package.TABLES)


def tables_of(*parts: str) -> list[str]:
    """Return the names of the tables that these parts of the configuration make.

    The part "" makes the tables of every run.
    """
    return [name for name, table in TABLES.items() if table.part in parts]


if __name__ == "__main__":
    print(markdown(TABLES.values()), end="")
