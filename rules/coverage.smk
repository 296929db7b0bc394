# Whether intervals hold, on simulated data; what the data can tell apart. Not part of the main job:
# `make coverage`.


rule coverage_shard:
    input:
        rows=sample_files([CONFIG.coverage.sample]),
        code=code("coverage_shard"),
    output:
        shard="results/coverage/{cell}/{months}/{first}-{last}.parquet",
    log:
        "logs/coverage_shard/{cell}/{months}/{first}-{last}.log",
    benchmark:
        "logs/benchmarks/coverage_shard/{cell}/{months}/{first}-{last}.tsv"
    wildcard_constraints:
        months="[0-9.]+|inf",
        first="[0-9]+",
        last="[0-9]+",
    threads: 1
    params:
        call=lambda wildcards: dict(
            variant=CONFIG.coverage.variant,
            spec=SETTINGS["variants"][CONFIG.coverage.variant],
            delta=CONFIG.coverage.delta,
            response=CONFIG.samples[CONFIG.coverage.sample].response.converged,
            sample_name=CONFIG.coverage.sample,
            benchmarks=MODEL_BENCHMARKS,
            seed=CONFIG.seed,
            doubling_months=float(wildcards.months),
            degrees_of_freedom=CONFIG.coverage.degrees_of_freedom,
            estimator=CONFIG.coverage.cells[wildcards.cell].estimator,
            resampling=CONFIG.coverage.cells[wildcards.cell].resampling,
            replicates=CONFIG.coverage.cells[wildcards.cell].replicates,
            first=int(wildcards.first),
            last=int(wildcards.last),
        ),
    script:
        "../scripts/coverage_shard.py"


rule coverage_table:
    input:
        shards=[
            f"results/coverage/{name}/{months:g}/{first}-{last}.parquet"
            for name, cell in CONFIG.coverage.cells.items()
            for months in CONFIG.coverage.doubling_months
            for first, last in shard_bounds(cell.data_sets, CONFIG.coverage.shards)
        ],
        code=code("coverage_table"),
    output:
        coverage=table("coverage"),
    log:
        "logs/coverage_table.log",
    benchmark:
        "logs/benchmarks/coverage_table.tsv"
    threads: 1
    script:
        "../scripts/coverage_table.py"


rule profile:
    input:
        fit=lambda wildcards: fit_files([wildcards.analysis]),
        coverage="results/tables/coverage.csv",
        rows=lambda wildcards: sample_files(samples([wildcards.analysis])),
        code=code("profile"),
    output:
        profiles="results/profiles/{analysis}.parquet",
        ranges="results/profiles/{analysis}.ranges.parquet",
    log:
        "logs/profile/{analysis}.log",
    benchmark:
        "logs/benchmarks/profile/{analysis}.tsv"
    wildcard_constraints:
        analysis="|".join(map(re.escape, PROFILED)),
    threads: 1
    params:
        analysis="{analysis}",
        call=lambda wildcards: dict(
            variants=analysed([wildcards.analysis]),
            response=ANALYSES[wildcards.analysis]["response"],
            benchmarks=MODEL_BENCHMARKS,
            months=CONFIG.profiles.doubling_months,
            losses=CONFIG.profiles.losses,
        ),
    script:
        "../scripts/profile.py"


rule profiles:
    input:
        profiles=expand("results/profiles/{analysis}.parquet", analysis=PROFILED),
        ranges=expand("results/profiles/{analysis}.ranges.parquet", analysis=PROFILED),
        code=code("profiles"),
    output:
        profiles=table("profiles"),
        profile_ranges=table("profile_ranges"),
    log:
        "logs/profiles.log",
    benchmark:
        "logs/benchmarks/profiles.tsv"
    threads: 1
    script:
        "../scripts/profiles.py"
