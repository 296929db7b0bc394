"""A table that came with the project, unpacked."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import gzip
    from pathlib import Path

    with job.writing(snakemake.output.table) as path:
        path.write_bytes(gzip.decompress(Path(snakemake.input.packed).read_bytes()))
