# Record histories: what reaching a fixed target costs, record by record. A source at an address is
# downloaded by the rule of every source; all entries, and what follows from them, are one job.


rule record_histories:
    input:
        tracks=HISTORIES["track_register"],
        published=HISTORIES["published"],
        sources=lambda _: sum(map(source_paths, CONFIG.histories.enabled_sources), []),
        rows=f"data/processed/samples/{CONFIG.direct_observation.sample}.parquet",
        code=code("record_histories"),
    output:
        **{name: table(name) for name in HISTORY_TABLES},
    log:
        "logs/record_histories.log",
    benchmark:
        "logs/benchmarks/record_histories.tsv"
    threads: 1
    params:
        registers=dict(
            sources={name: HISTORIES["sources"][name] for name in CONFIG.histories.enabled_sources},
            track_register=HISTORIES["track_register"],
            changes=CONFIG.histories.track_changes,
            corrections=CONFIG.histories.enabled_corrections,
        ),
        policy={name: SETTINGS["acquisition"][name] for name in ("largest", "allow")},
        observed=dict(
            spec=SETTINGS["direct_observation"],
            benchmark=CONFIG.benchmarks.baseline,
        ),
        settings={
            name: HISTORIES[name]
            for name in ("compute_histories", "resamples", "draws", "backtest_draws", "horizons")
        },
        seed=CONFIG.seed,
    script:
        "../scripts/record_histories.py"


rule record_coverage:
    input:
        code=code("record_coverage"),
    output:
        record_coverage=table("record_coverage"),
    log:
        "logs/record_coverage.log",
    benchmark:
        "logs/benchmarks/record_coverage.tsv"
    threads: 1
    params:
        call=dict(
            sizes=CONFIG.histories.coverage.records,
            histories=CONFIG.histories.coverage.histories,
            seed=CONFIG.seed,
        ),
    script:
        "../scripts/record_coverage.py"
