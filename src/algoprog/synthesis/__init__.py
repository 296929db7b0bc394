"""Every estimate on one axis: what others published, and ours for the same thing."""
