# Whether intervals hold, on simulated data; what the data can tell apart. Not part of the main job:
# `make coverage`.


rule coverage_shard:
    input:
        rows=PLAN.coverage.sample_paths,
        code=code("coverage_shard"),
    output:
        shard="results/coverage/{cell}/{world}/{months}/{first}-{last}.parquet",
    log:
        "logs/coverage_shard/{cell}/{world}/{months}/{first}-{last}.log",
    benchmark:
        "logs/benchmarks/coverage_shard/{cell}/{world}/{months}/{first}-{last}.tsv"
    wildcard_constraints:
        months="[0-9.]+|inf",
        first="[0-9]+",
        last="[0-9]+",
    threads: 1
    params:
        call=of(PLAN.coverage.shard),
    script:
        "../scripts/coverage_shard.py"


rule coverage_table:
    input:
        shards=PLAN.coverage.paths,
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
        fit=lambda wildcards: PLAN.draws.fit_paths([wildcards.analysis]),
        rows=lambda wildcards: PLAN.draws.sample_paths([wildcards.analysis]),
        code=code("profile"),
    output:
        profiles="results/profiles/{analysis}.parquet",
        ranges="results/profiles/{analysis}.ranges.parquet",
    log:
        "logs/profile/{analysis}.log",
    benchmark:
        "logs/benchmarks/profile/{analysis}.tsv"
    wildcard_constraints:
        analysis="|".join(map(re.escape, PLAN.coverage.profiled)),
    threads: 1
    params:
        analysis="{analysis}",
        call=of(PLAN.coverage.profile),
    script:
        "../scripts/profile.py"


rule profiles:
    input:
        profiles=PLAN.coverage.profile_paths(),
        ranges=PLAN.coverage.profile_paths(".ranges"),
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
