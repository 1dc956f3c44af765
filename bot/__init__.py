"""The Telegram bot: a citizen's front, an HTTP client of the service with words of its own.

It imports nothing of the backend. What it knows of a person lives in Valkey, for an hour.
"""
