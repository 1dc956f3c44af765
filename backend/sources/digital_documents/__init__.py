"""The digital-documents service: electronic documents, taken with their owner's consent (App.2 row 8)."""
