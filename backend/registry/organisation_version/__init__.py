"""What an organisation's data were before and after each change (M §27(2), §28(2)): sealed, never changed."""
