"""Published evaluations: acquired, parsed, joined, normalised and sampled."""
