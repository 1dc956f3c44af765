"""Every promise, looked up in the database or asked of the API; nothing is taken on the story's word."""
