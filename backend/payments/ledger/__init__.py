"""The double-entry ledger: plan, contract, accepted, ordered, paid, returned; and the cash beside it."""
