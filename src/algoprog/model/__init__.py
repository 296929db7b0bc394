"""Variants: formulas, units, designs and surfaces."""
