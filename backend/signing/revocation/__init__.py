"""Is a certificate revoked? From CRLs and OCSP answers; "unknown" is an answer of its own."""
