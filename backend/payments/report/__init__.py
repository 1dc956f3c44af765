"""The report on an act, line by line: what each is, what is wrong with it, and what to do."""
