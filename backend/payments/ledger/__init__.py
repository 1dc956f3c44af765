"""The double-entry ledger: plan, contract, accepted, ordered, paid; and the cash beside it."""
