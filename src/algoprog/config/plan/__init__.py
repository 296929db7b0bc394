"""What runs: jobs, files and parameters, worked out from the configuration without Snakemake."""
