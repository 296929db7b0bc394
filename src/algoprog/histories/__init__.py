"""Record histories: what it costs to reach a fixed target, record by record.

A track is one task with one target and one cost. Its records are the running minimum of that cost;
each record names the innovation behind it. The package measures how fast the cost falls, how far
that rate can be trusted, and what the falls are made of.
"""
