# Record histories: what reaching a fixed target costs, record by record. A source at an address is
# downloaded by the rule of every source; all entries, and what follows from them, are one job.


rule record_histories:
    input:
        tracks=CONFIG.histories.track_register,
        published=CONFIG.histories.published,
        sources=PLAN.histories.paths,
        rows=sample_paths([CONFIG.direct_observation.sample]),
        code=code("record_histories"),
    output:
        **{name: table(name) for name in tables_of("histories")},
    log:
        "logs/record_histories.log",
    benchmark:
        "logs/benchmarks/record_histories.tsv"
    threads: 1
    params:
        registers=PLAN.histories.registers,
        policy=PLAN.records.reading_policy,
        observed=PLAN.quantities.direct_observation,
        settings=PLAN.histories.analysed,
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
        call=PLAN.histories.coverage,
    script:
        "../scripts/record_coverage.py"
