"""Compares a mapping with native answers: why a field has its value, what changed at a provider, what is left out."""
