"""Who gets which share of a plan line: the algorithm of domain 5.3, replayable by anyone."""
