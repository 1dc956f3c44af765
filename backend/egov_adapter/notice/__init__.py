"""Notices: what a person chose to be told of in the bot's chat, kept in an outbox and told once."""
