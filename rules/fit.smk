# Every variant at every delta, by every estimator a sample asks for.


rule fit:
    input:
        rows="data/processed/samples/{sample}.parquet",
        code=code("fit"),
    output:
        fits="results/fits/{sample}/{estimator}/{batch}/{deltas}.fits.parquet",
        parameters="results/fits/{sample}/{estimator}/{batch}/{deltas}.parameters.parquet",
    log:
        "logs/fit/{sample}/{estimator}/{batch}/{deltas}.log",
    benchmark:
        "logs/benchmarks/fit/{sample}/{estimator}/{batch}/{deltas}.tsv"
    threads: 1
    params:
        call=lambda wildcards: dict(
            variants=batch_variants(wildcards.batch),
            deltas=[DELTAS[delta] for delta in DELTA_JOBS[wildcards.deltas]],
            estimator=wildcards.estimator,
            response=SETTINGS["samples"][wildcards.sample]["response"][wildcards.estimator],
            sample_name=wildcards.sample,
            benchmarks=MODEL_BENCHMARKS,
        ),
    script:
        "../scripts/fit.py"


rule merge_fits:
    input:
        fits=fits("fits"),
        parameters=fits("parameters"),
        analysis_fits=fit_files(DRAWN),
        draws=draw_files(DRAWN),
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
        analyses=DRAWN,
        expected=[
            dict(sample=name, estimator=estimator, variant=variant, delta=delta)
            for name, sample in CONFIG.enabled_samples.items()
            for estimator in sample.estimators
            for variant in CONFIG.enabled_variants
            for delta in CONFIG.deltas
        ],
    script:
        "../scripts/merge_fits.py"
