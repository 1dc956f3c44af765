"""Acts of rendered services: submitted, checked, signed by the issuer (M §13)."""
