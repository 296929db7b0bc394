# The published analysis, number by number, and what is wrong with it.


rule published_noise:
    input:
        unpack(drawn_from),
        code=code("published_noise"),
    output:
        draws="results/audit/noise/{job}.parquet",
    log:
        "logs/published_noise/{job}.log",
    benchmark:
        "logs/benchmarks/published_noise/{job}.tsv"
    threads: 1
    params:
        calls=noise_calls,
    script:
        "../scripts/published_noise.py"


rule published_scores:
    input:
        published=CONFIG.audit.published,
        cross_validation=["results/tables/cross_validation.csv"] if SCHEMES else [],
        rows=f"data/processed/samples/{CONFIG.cross_validation.sample}.parquet",
        code=code("published_scores"),
    output:
        scores="results/audit/scores.parquet",
        held_out="results/audit/held_out.parquet",
    log:
        "logs/published_scores.log",
    benchmark:
        "logs/benchmarks/published_scores.tsv"
    threads: 1
    params:
        scores=dict(
            variants={name: SETTINGS["variants"][name] for name in CONFIG.enabled_variants},
            response=CONFIG.samples[CONFIG.cross_validation.sample].response.published,
            benchmarks=MODEL_BENCHMARKS,
            repetitions=CONFIG.audit.noise.repetitions,
            size=CONFIG.audit.noise.size,
        ),
        held_out=dict(
            variants={name: SETTINGS["variants"][name] for name in CONFIG.enabled_variants},
            deltas=CONFIG.deltas,
            response=SETTINGS["samples"][CONFIG.cross_validation.sample]["response"],
            sample_name=CONFIG.cross_validation.sample,
            benchmarks=MODEL_BENCHMARKS,
        ),
    script:
        "../scripts/published_scores.py"


rule reproduction:
    input:
        published=CONFIG.audit.published,
        tables=expand("results/tables/{table}.csv", table=TABLES),
        corrections="data/processed/corrections.parquet",
        rows=sample_files(CONFIG.enabled_samples),
        analysis_fits=fit_files(AUDITED),
        draws=draw_files(AUDITED),
        noise=expand("results/audit/noise/{job}.parquet", job=draw_jobs(sum(REPEATED.values(), []))),
        scores="results/audit/scores.parquet",
        held_out="results/audit/held_out.parquet",
        code=code("reproduction"),
    output:
        reproduction=table("reproduction"),
        defects=table("defects"),
    log:
        "logs/reproduction.log",
    benchmark:
        "logs/benchmarks/reproduction.tsv"
    threads: 1
    params:
        call=dict(
            samples=list(CONFIG.enabled_samples),
            headline=CONFIG.headline.converged,
            published=CONFIG.headline.published,
            analyses=AUDITED,
            repeated=REPEATED,
            settings=dict(
                variants=SETTINGS["variants"],
                benchmarks=MODEL_BENCHMARKS,
                optimal_scaling=SETTINGS["optimal_scaling"],
                transformer=SETTINGS["transformer"],
                corrections=CORRECTIONS,
                pools=SETTINGS["audit"]["pools"],
            ),
        ),
        systems=SETTINGS["shapley"]["systems"],
    script:
        "../scripts/reproduction.py"
