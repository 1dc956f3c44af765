"""CMS SignedData (RFC 5652) as it is signed in Kazakhstan: read, verify, make."""
