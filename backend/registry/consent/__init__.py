"""Consent of the insured: given for a purpose and a time, withdrawn at will, never forgotten (M §2(5), D43)."""
