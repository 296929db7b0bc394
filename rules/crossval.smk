# Held-out errors of every variant at every delta.


rule cross_validate:
    input:
        rows=PLAN.fits.held_out_rows,
        code=code("cross_validate"),
    output:
        held_out="results/cross_validation/{scheme}/{batch}/{delta}.parquet",
    log:
        "logs/cross_validate/{scheme}/{batch}/{delta}.log",
    benchmark:
        "logs/benchmarks/cross_validate/{scheme}/{batch}/{delta}.tsv"
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
