"""Which licences which services need (M §8(1)): a directory, since the law leaves it to the services."""
