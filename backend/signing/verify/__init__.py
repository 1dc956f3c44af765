"""The answer: is this document signed, by whom, in what role, when (CONTRACT.md, `ecp verify`)."""
