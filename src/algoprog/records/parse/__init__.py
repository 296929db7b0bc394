"""Files and pages as tables of texts."""
