"""The SMS gateway of the State."""
