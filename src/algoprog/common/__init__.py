"""What every package uses: errors, seeds, intervals, numbers as a reader sees them."""
