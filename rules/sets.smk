# The growths that a restricted wild cluster bootstrap accepts: sets that need no constant.


rule confidence_set:
    input:
        rows=lambda wildcards: PLAN.coverage.set_sample(wildcards.name),
        code=code("confidence_set"),
    output:
        rows="results/sets/{name}.parquet",
    log:
        "logs/confidence_set/{name}.log",
    benchmark:
        "logs/benchmarks/confidence_set/{name}.tsv"
    wildcard_constraints:
        name="|".join(map(re.escape, PLAN.coverage.sets)) or "none",
    threads: 1
    params:
        call=of(PLAN.coverage.confidence_set),
    script:
        "../scripts/confidence_set.py"


rule confidence_sets:
    input:
        sets=PLAN.coverage.set_paths,
        code=code("confidence_sets"),
    output:
        confidence_sets=table("confidence_sets"),
    log:
        "logs/confidence_sets.log",
    benchmark:
        "logs/benchmarks/confidence_sets.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/confidence_sets.py"
