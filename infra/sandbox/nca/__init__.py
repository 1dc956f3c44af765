"""A stand-in for the National Certification Centre: its profile, with keys of our own."""
