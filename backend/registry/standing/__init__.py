"""The status of everybody as it stands: judged by the database, kept, and followed by the policies."""
