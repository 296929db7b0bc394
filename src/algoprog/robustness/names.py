"""Names that configuration, checks and the report share. It imports nothing."""

HEADLINE = "headline"  # the check that changes nothing
