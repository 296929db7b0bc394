# Bayesian fits in Stan, and their calibration. Not part of the main job: `make bayes`,
# `make calibration`. Nothing else needs Stan. What runs it can have an environment of its own, with
# CmdStan (--software-deployment-method conda).


rule bayes_compile:
    input:
        program=os.path.relpath(PACKAGE / "bayes/stan/loss.stan"),
        code=code("bayes_compile"),
    output:
        program="results/bayes/program",
        engine="results/bayes/engine.json",
    log:
        "logs/bayes_compile.log",
    benchmark:
        "logs/benchmarks/bayes_compile.tsv"
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=dict(wanted=CONFIG.bayes.engine, folder=CONFIG.bayes.cmdstan),
    script:
        "../scripts/bayes_compile.py"


rule bayes_chain:
    input:
        unpack(bayes_ranking),
        program="results/bayes/program",
        engine="results/bayes/engine.json",
        rows=sample_files([HEADLINE.sample]),
        code=code("bayes_chain"),
    output:
        draws=temp("results/bayes/chains/{fit}.{chain}.parquet"),
    log:
        "logs/bayes_chain/{fit}.{chain}.log",
    benchmark:
        "logs/benchmarks/bayes_chain/{fit}.{chain}.tsv"
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=lambda wildcards: bayes_call(
            BAYES_FITS[wildcards.fit], bayes_candidates(BAYES_FITS[wildcards.fit])
        ),
        run=lambda wildcards: dict(
            sampler=bayes_sampler(BAYES_FITS[wildcards.fit]),
            seed=CONFIG.seed,
            name=wildcards.fit,
            number=int(wildcards.chain),
        ),
    script:
        "../scripts/bayes_chain.py"


rule bayes_fit:
    input:
        unpack(bayes_ranking),
        chains=[
            f"results/bayes/chains/{{fit}}.{number}.parquet"
            for number in range(1, CONFIG.bayes.sampler.chains + 1)
        ],
        engine="results/bayes/engine.json",
        rows=sample_files([HEADLINE.sample]),
        code=code("bayes_fit"),
    output:
        fit="results/bayes/fits/{fit}.fit.parquet",
        draws="results/bayes/fits/{fit}.draws.parquet",
        held_out="results/bayes/fits/{fit}.held_out.parquet",
    log:
        "logs/bayes_fit/{fit}.log",
    benchmark:
        "logs/benchmarks/bayes_fit/{fit}.tsv"
    threads: 1
    params:
        call=lambda wildcards: bayes_call(
            BAYES_FITS[wildcards.fit], bayes_candidates(BAYES_FITS[wildcards.fit])
        ),
        run=lambda wildcards: dict(
            sample=HEADLINE.sample,
            fit=BAYES_FITS[wildcards.fit],
            limits=SETTINGS["bayes"]["diagnostics"],
            max_depth=CONFIG.bayes.sampler.max_depth,
        ),
    script:
        "../scripts/bayes_fit.py"


rule bayes_tables:
    input:
        fits=expand("results/bayes/fits/{fit}.fit.parquet", fit=BAYES_FITS),
        posteriors=expand("results/bayes/fits/{fit}.draws.parquet", fit=BAYES_FITS),
        held_out=expand("results/bayes/fits/{fit}.held_out.parquet", fit=BAYES_FITS),
        analysis_fits=fit_files(bayes_compared().values()),
        draws=draw_files(bayes_compared().values()),
        rows=sample_files([HEADLINE.sample]),
        code=code("bayes_tables"),
    output:
        **{name: table(name) for name in EXTRAS["bayes"]["tables"]},
    log:
        "logs/bayes_tables.log",
    benchmark:
        "logs/benchmarks/bayes_tables.tsv"
    threads: 1
    params:
        compared=bayes_compared(),
        call=dict(
            plan=BAYES_FITS,
            variants={name: SETTINGS["variants"][name] for name in CONFIG.enabled_variants},
            response=CONFIG.samples[HEADLINE.sample].response.converged,
            benchmarks=MODEL_BENCHMARKS,
            priors=SETTINGS["bayes"]["priors"],
        ),
        of=dict(
            optimal_scaling=SETTINGS["optimal_scaling"],
            systems=SETTINGS["shapley"]["systems"],
            pair=SENSITIVITY["systems"],
            computes=CONFIG.transformer.computes,
            year=CONFIG.transformer.year,
            seed=CONFIG.seed,
            replicates=CONFIG.bayes.predictive_draws,
        ),
    script:
        "../scripts/bayes_tables.py"


rule bayes_calibration_shard:
    input:
        unpack(bayes_posterior),
        program="results/bayes/program",
        engine="results/bayes/engine.json",
        rows=sample_files([HEADLINE.sample]),
        code=code("bayes_calibration_shard"),
    output:
        shard="results/calibration/{kind}/{first}-{last}.parquet",
    log:
        "logs/bayes_calibration_shard/{kind}/{first}-{last}.log",
    benchmark:
        "logs/benchmarks/bayes_calibration_shard/{kind}/{first}-{last}.tsv"
    wildcard_constraints:
        kind="prior|known",
        first="[0-9]+",
        last="[0-9]+",
    conda:
        "../workflow/envs/stan.yaml"
    threads: 1
    params:
        call=bayes_call(BAYES_FITS["headline"], bayes_candidates(BAYES_FITS["headline"])),
        known=dict(doubling_months=CONFIG.bayes.calibration.doubling_months),
        run=lambda wildcards: dict(
            kind=wildcards.kind,
            sampler=dict(
                warmup=CONFIG.bayes.calibration.warmup,
                draws=CONFIG.bayes.calibration.draws,
                target_acceptance=CONFIG.bayes.calibration.target_acceptance,
                max_depth=CONFIG.bayes.sampler.max_depth,
            ),
            thin=CONFIG.bayes.calibration.thin,
            seed=CONFIG.seed,
            first=int(wildcards.first),
            last=int(wildcards.last),
        ),
    script:
        "../scripts/bayes_calibration_shard.py"


rule bayes_calibration:
    input:
        shards=[
            f"results/calibration/{kind}/{first}-{last}.parquet"
            for kind in ("prior", "known")
            for first, last in shard_bounds(
                CONFIG.bayes.calibration.simulations, CONFIG.bayes.calibration.shards
            )
        ],
        code=code("bayes_calibration"),
    output:
        bayes_calibration=table("bayes_calibration"),
        bayes_ranks=table("bayes_ranks"),
    log:
        "logs/bayes_calibration.log",
    benchmark:
        "logs/benchmarks/bayes_calibration.tsv"
    threads: 1
    params:
        call=dict(bins=CONFIG.bayes.calibration.bins, level=CONFIG.bayes.calibration.level),
    script:
        "../scripts/bayes_calibration.py"
