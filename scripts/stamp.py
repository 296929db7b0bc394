"""What the tables of a target of its own were made of."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    from algoprog.common.integrity import checksum

    stamp = {
        "settings": snakemake.params.settings,
        "records": {path: checksum(Path(path)) for path in snakemake.input.records},
    }
    with job.writing(snakemake.output.stamp) as path:
        path.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
