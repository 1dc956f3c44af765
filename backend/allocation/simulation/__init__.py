"""What would change if shares, scores or the plan did: allocations of a whole plan, side by side. Pure."""
