# What the headline's model rests on: the penalty, local minima, unobserved quality, leverage.


rule minima:
    input:
        minima=PLAN.fits.minima_paths,
        rows=sample_paths(PLAN.facts.samples),
        code=code("minima"),
    output:
        minima=table("minima"),
    log:
        "logs/minima.log",
    benchmark:
        "logs/benchmarks/minima.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.fits.minima,
    script:
        "../scripts/minima.py"


rule penalty:
    input:
        rows=PLAN.evidence.rows,
        code=code("penalty"),
    output:
        penalty=table("penalty"),
    log:
        "logs/penalty.log",
    benchmark:
        "logs/benchmarks/penalty.tsv"
    threads: 1
    params:
        call=PLAN.evidence.penalty,
    script:
        "../scripts/penalty.py"
