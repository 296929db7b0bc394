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


rule endogeneity:
    input:
        rows=PLAN.evidence.rows,
        code=code("endogeneity"),
    output:
        endogeneity=table("endogeneity"),
        endogeneity_covariates=table("endogeneity_covariates"),
        endogenous_compute=table("endogenous_compute"),
    log:
        "logs/endogeneity.log",
    benchmark:
        "logs/benchmarks/endogeneity.tsv"
    threads: 1
    params:
        call=PLAN.evidence.endogeneity,
    script:
        "../scripts/endogeneity.py"


rule identification:
    input:
        rows=PLAN.evidence.rows,
        code=code("identification"),
    output:
        identification=table("identification"),
        settling=table("settling"),
    log:
        "logs/identification.log",
    benchmark:
        "logs/benchmarks/identification.tsv"
    threads: 1
    params:
        call=PLAN.evidence.identification,
    script:
        "../scripts/identification.py"
