"""Who is insured (a consumer of medical services), on what ground, until when (domain 5.6)."""
