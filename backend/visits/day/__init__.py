"""A facility's visit day as it goes: counted for those who watch, naming nobody."""
