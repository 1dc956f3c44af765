"""Applications of executors: submitted in a window, numbered as they come, reviewed in order (M §8-10)."""
