# The published analysis, number by number, and what is wrong with it.


rule published_noise:
    input:
        unpack(of(PLAN.draws.inputs)),
        code=code("published_noise"),
    output:
        draws="results/audit/noise/{job}.parquet",
    log:
        "logs/published_noise/{job}.log",
    benchmark:
        "logs/benchmarks/published_noise/{job}.tsv"
    threads: 1
    params:
        calls=of(PLAN.audit.noise),
    script:
        "../scripts/published_noise.py"


rule published_scores:
    input:
        published=CONFIG.audit.published,
        cross_validation=PLAN.results.held_out_table,
        rows=PLAN.fits.held_out_rows,
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
        scores=PLAN.audit.scores,
        held_out=PLAN.audit.held_out,
    script:
        "../scripts/published_scores.py"


rule reproduction:
    input:
        published=CONFIG.audit.published,
        tables=table_paths(PLAN.results.tables),
        corrections="data/processed/corrections.parquet",
        rows=sample_paths(PLAN.facts.samples),
        analysis_fits=PLAN.draws.fit_paths(PLAN.audit.analyses),
        draws=PLAN.draws.paths(PLAN.audit.analyses),
        noise=PLAN.audit.noise_paths,
        scores="results/audit/scores.parquet",
        held_out="results/audit/held_out.parquet",
        capability_reproduction=PLAN.capability.audited("reproduction"),
        capability_defects=PLAN.capability.audited("defects"),
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
        call=PLAN.audit.reproduction,
        systems=PLAN.facts.settings["shapley"]["systems"],
    script:
        "../scripts/reproduction.py"
