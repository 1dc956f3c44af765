"""Whether acts are still open on an account: the registry asks before it closes one (D12)."""
