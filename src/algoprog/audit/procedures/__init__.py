"""Procedures of the audit: ours beside a published number, by section of what is audited."""
