"""What fitted models say: doubling times, shares, gains."""
