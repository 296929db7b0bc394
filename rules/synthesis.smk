# What others published and what this run finds, side by side.


rule estimates:
    input:
        files=PLAN.estimates.files,
        tables=PLAN.estimates.tables,
        rows=PLAN.estimates.rows,
        code=code("estimates"),
    output:
        estimates=table("estimates"),
        estimates_left_out=table("estimates_left_out"),
    log:
        "logs/estimates.log",
    benchmark:
        "logs/benchmarks/estimates.tsv"
    localrule: True
    threads: 1
    params:
        extras=PLAN.estimates.extras(),
        settings=PLAN.estimates.settings,
    script:
        "../scripts/estimates.py"


rule forecasts:
    input:
        register=CONFIG.estimates.forecasts,
        code=code("forecasts"),
    output:
        forecasts=table("forecasts"),
    log:
        "logs/forecasts.log",
    benchmark:
        "logs/benchmarks/forecasts.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/forecasts.py"
