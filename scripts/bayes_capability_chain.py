"""One chain of scores and capability in one model."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    from algoprog.bayes.capability import PROGRAM, joint_chain, joint_model
    from algoprog.bayes.engine import Engine, Program
    from algoprog.bayes.settings import CapabilityPriors, Sampler
    from algoprog.capability.reading import read_planned
    from algoprog.common.settings import rebuild

    read = read_planned(Path(), snakemake.params.reading)
    call = {**snakemake.params.call}
    model = joint_model(read.published, rebuild(call.pop("priors"), CapabilityPriors))
    engine = Engine(**json.loads(Path(snakemake.input.engine).read_text(encoding="utf-8")))
    program = Program(engine, Path(snakemake.input.program), PROGRAM)
    draws = joint_chain(model, program, rebuild(call.pop("sampler"), Sampler), **call)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
