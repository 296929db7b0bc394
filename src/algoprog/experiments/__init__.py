"""Evidence from controlled experiments, and from benchmarks that are not perplexities.

The package knows sweeps (runs that vary scale alone), their laws and frontiers, and what they say
beside the record of published systems. It knows no histories, no capability and no configuration.
"""
