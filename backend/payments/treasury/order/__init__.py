"""Payment orders to the Treasury."""
