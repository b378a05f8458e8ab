"""Pretend stores, as strict as the real ones, for the demo and the tests."""
