"""The configuration: what it may say, checked before anything runs."""
