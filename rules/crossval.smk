# Held-out errors of every variant at every delta.


rule cross_validate:
    input:
        rows=PLAN.fits.held_out_rows,
        code=code("cross_validate"),
    output:
        held_out="results/cross_validation/{scheme}/{batch}/{deltas}.parquet",
    log:
        "logs/cross_validate/{scheme}/{batch}/{deltas}.log",
    benchmark:
        "logs/benchmarks/cross_validate/{scheme}/{batch}/{deltas}.tsv"
    priority: 1
    threads: 1
    params:
        call=of(PLAN.fits.cross_validate),
    script:
        "../scripts/cross_validate.py"


rule merge_cross_validation:
    input:
        held_out=PLAN.fits.held_out_paths,
        code=code("merge_cross_validation"),
    output:
        cross_validation=table("cross_validation"),
    log:
        "logs/merge_cross_validation.log",
    benchmark:
        "logs/benchmarks/merge_cross_validation.tsv"
    priority: 1
    localrule: True
    threads: 1
    params:
        expected=PLAN.fits.held_out_expected,
    script:
        "../scripts/merge_cross_validation.py"


rule out_of_time:
    input:
        rows=PLAN.fits.out_of_time_rows,
        code=code("out_of_time"),
    output:
        held_out="results/out_of_time/{estimator}/{batch}/{deltas}.parquet",
    log:
        "logs/out_of_time/{estimator}/{batch}/{deltas}.log",
    benchmark:
        "logs/benchmarks/out_of_time/{estimator}/{batch}/{deltas}.tsv"
    threads: 1
    params:
        call=of(PLAN.fits.out_of_time),
    script:
        "../scripts/out_of_time.py"


rule merge_out_of_time:
    input:
        rows=PLAN.fits.out_of_time_rows,
        held_out=PLAN.fits.out_of_time_paths,
        code=code("merge_out_of_time"),
    output:
        temporal_hold_out=table("temporal_hold_out"),
        hold_out_differences=table("hold_out_differences"),
    log:
        "logs/merge_out_of_time.log",
    benchmark:
        "logs/benchmarks/merge_out_of_time.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.fits.compared_out_of_time,
    script:
        "../scripts/merge_out_of_time.py"


rule ranking:
    input:
        rows=PLAN.fits.held_out_rows,
        cross_validation="results/tables/cross_validation.csv",
        temporal_hold_out="results/tables/temporal_hold_out.csv",
        code=code("ranking"),
    output:
        ranking=table("ranking"),
    log:
        "logs/ranking.log",
    benchmark:
        "logs/benchmarks/ranking.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.fits.ranking,
    script:
        "../scripts/ranking.py"
