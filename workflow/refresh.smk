# Downloads every enabled source at an address again; `make refresh` runs this, and nothing else
# does. It is a workflow of its own, for the main one does not start while a refusal stands.
import atexit
import sys

from snakemake.utils import min_version

min_version("9.27")


include: "../rules/config.smk"
include: "../rules/common.smk"


rule refresh:
    default_target: True
    input:
        expand("logs/refresh/{source}.txt", source=CONFIG.url_sources),


rule refresh_source:
    input:
        code=code("refresh"),
    output:
        line="logs/refresh/{source}.txt",
    log:
        "logs/refresh/{source}.log",
    benchmark:
        "logs/benchmarks/refresh/{source}.tsv"
    localrule: True
    threads: 1
    params:
        call=of(PLAN.records.refresh),
        policy=of(PLAN.records.policy),
        directory=lambda wildcards: str(PLAN.records.directory(wildcards.source)),
    script:
        "../scripts/refresh.py"


onsuccess:
    for name in CONFIG.url_sources:
        line = Path(f"logs/refresh/{name}.txt").read_text(encoding="utf-8")
        atexit.register(print, line, end="")  # below Snakemake's own last lines


onerror:
    print("", *failures(), sep="\n", file=sys.stderr)
