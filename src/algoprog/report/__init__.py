"""The report: one page, its sections and figures."""
