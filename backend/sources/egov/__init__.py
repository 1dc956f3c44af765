"""The e-government gateway: identity documents, personal cabinets, monitoring of state services."""
