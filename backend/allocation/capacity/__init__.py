"""What executors can do: measured by outside systems, with its age; frozen with the decision (R59)."""
