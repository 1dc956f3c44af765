"""QR codes: one signed code on the wall of every production facility, and a citizen's own, short-lived one."""
