"""The benchmarks, one file for each thing measured."""
