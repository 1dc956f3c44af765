"""The state database "Legal entities" (GBD UL): what becomes of organisations (M §23(4), §33(2))."""
