"""Find Stan and compile one of the programs."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    import os
    import sys
    from dataclasses import asdict
    from pathlib import Path

    from algoprog.bayes.engine import compile_program, find_engine

    engine = find_engine(
        **snakemake.params.call, project=Path.cwd(), environment=os.environ, home=Path.home()
    )
    print(f"Stan runs through {engine.name} {engine.version}", file=sys.stderr)
    with job.writing(snakemake.output.program) as path:
        compile_program(engine, path, Path(snakemake.params.program).stem)
    with job.writing(snakemake.output.engine) as path:
        path.write_text(json.dumps(asdict(engine)) + "\n", encoding="utf-8")
