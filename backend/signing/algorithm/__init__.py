"""Signature and digest algorithms: GOST of both generations, RSA, ECDSA."""
