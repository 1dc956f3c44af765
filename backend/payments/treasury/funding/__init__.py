"""Money that comes to the issuer, and its way to the cash control account."""
