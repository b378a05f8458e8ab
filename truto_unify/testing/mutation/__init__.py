"""Breaks each line of a mapping, to see whether a test notices."""
