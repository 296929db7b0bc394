"""Which tables of this run came with the project, and when they were computed."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from datetime import date
    from pathlib import Path

    from algoprog.synthesis.tables import SHIPPED
    from algoprog.tables.csv import write_table
    from algoprog.tables.frames import frame_of

    used, rows = set(snakemake.params.used), []
    for path in map(Path, snakemake.input.stamps):
        stamp = json.loads(path.read_text(encoding="utf-8"))
        days = {name: date.fromisoformat(stamp[name]) for name in ("computed", "verified")}
        told = {"target": path.parent.name, "version": stamp["version"], **days}
        tables = stamp["tables"].items()
        rows += [{"table": name, "sha256": sha, **told} for name, sha in tables if name in used]
    with job.writing(snakemake.output.shipped_tables) as made:
        write_table(made, SHIPPED, frame_of(SHIPPED, rows))
