"""The citizen: signing in by one-time password or ECP, and reading what is kept about oneself."""
