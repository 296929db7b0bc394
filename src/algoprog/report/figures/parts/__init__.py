"""What figures share: the style, axes, marks, the forest plot, and how a figure is declared."""
