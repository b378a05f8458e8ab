"""Measures service and library under many calls, hostile answers and restarts: ``python -m benchmarks.load``."""
