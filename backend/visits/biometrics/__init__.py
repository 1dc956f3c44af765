"""Biometric sessions: started with an outside provider, ended by its signed callback."""
