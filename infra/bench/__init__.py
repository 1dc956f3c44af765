"""`saqtau bench`: what we do, as a ratio to the limit measured in the same minutes (docs/bench.md)."""
