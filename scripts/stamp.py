"""What the tables of a target of its own were made of."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import hashlib
    import json
    from pathlib import Path

    records = Path(snakemake.input.records).read_bytes()
    stamp = {
        "settings": snakemake.params.settings,
        "records": hashlib.sha256(records).hexdigest(),
    }
    with job.writing(snakemake.output.stamp) as path:
        path.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
