"""How far the answer depends on choices, records and chance."""
