"""The word of the insured on each line billed in their names, before it is paid."""
