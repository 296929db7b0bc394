"""Progress since 2023 from many benchmarks: capability by item response, then the rate of progress.

Stage 1 (`response`) gives every model version a capability C and every benchmark a difficulty D and
a slope. Stage 2 (`rates`, `hierarchical`) compares capability with training compute F and date:
with k the gain of capability per unit of ln F at a fixed recipe, s_C the trend of C and s_F the
trend of ln F, the compute that a given capability needs falls by exp(s_C / k - s_F) times a year.

The analysis and the data follow Epoch AI's "A Rosetta Stone for AI benchmarks" (arXiv 2512.00193).
"""
