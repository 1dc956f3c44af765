"""What outside systems say of organisations, with its age: the unknown is never taken for yes (D28)."""
