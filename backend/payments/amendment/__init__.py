"""The executor's signature of a supplementary agreement: the ledger and the contract move together."""
