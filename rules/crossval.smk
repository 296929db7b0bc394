# Held-out errors of every variant at every delta.


rule cross_validate:
    input:
        rows=f"data/processed/samples/{CONFIG.cross_validation.sample}.parquet",
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
        call=lambda wildcards: dict(
            variants=batch_variants(wildcards.batch),
            delta=DELTAS[wildcards.delta],
            scheme=wildcards.scheme,
            response=getattr(
                CONFIG.samples[CONFIG.cross_validation.sample].response,
                "published" if wildcards.scheme == "published_split" else "converged",
            ),
            sample_name=CONFIG.cross_validation.sample,
            benchmarks=MODEL_BENCHMARKS,
        ),
    script:
        "../scripts/cross_validate.py"


rule merge_cross_validation:
    input:
        held_out=[
            f"results/cross_validation/{scheme}/{batch}/{delta}.parquet"
            for scheme in SCHEMES
            for batch in CONFIG.batches
            for delta in DELTAS
        ],
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
        expected=[
            dict(variant=variant, delta=delta, scheme=scheme)
            for variant in CONFIG.enabled_variants
            for delta in CONFIG.deltas
            for scheme in SCHEMES
        ],
    script:
        "../scripts/merge_cross_validation.py"
