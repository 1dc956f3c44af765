"""X.509 certificates of the National Certification Centre, and who stands in them."""
