"""Who looked: every read of a person's data, noted in the read's own transaction (FHIR AuditEvent)."""
