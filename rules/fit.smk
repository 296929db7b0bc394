# Every variant at every delta, by every estimator a sample asks for.


rule fit:
    input:
        rows="data/processed/samples/{sample}.parquet",
        code=code("fit"),
    output:
        fits="results/fits/{sample}/{estimator}/{batch}/{deltas}.fits.parquet",
        parameters="results/fits/{sample}/{estimator}/{batch}/{deltas}.parameters.parquet",
        minima="results/fits/{sample}/{estimator}/{batch}/{deltas}.minima.parquet",
    log:
        "logs/fit/{sample}/{estimator}/{batch}/{deltas}.log",
    benchmark:
        "logs/benchmarks/fit/{sample}/{estimator}/{batch}/{deltas}.tsv"
    threads: 1
    params:
        call=of(PLAN.fits.call),
    script:
        "../scripts/fit.py"


rule merge_fits:
    input:
        fits=PLAN.fits.paths("fits"),
        parameters=PLAN.fits.paths("parameters"),
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.as_they_are),
        draws=PLAN.draws.paths(PLAN.draws.as_they_are),
        code=code("merge_fits"),
    output:
        fits=table("fits"),
        parameters=table("parameters"),
    log:
        "logs/merge_fits.log",
    benchmark:
        "logs/benchmarks/merge_fits.tsv"
    localrule: True
    threads: 1
    params:
        analyses=PLAN.draws.as_they_are,
        expected=PLAN.fits.expected,
    script:
        "../scripts/merge_fits.py"
