"""Who looked at my data: the access records of the registry, told to the person in words."""
