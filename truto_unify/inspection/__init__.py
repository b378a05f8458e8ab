"""Looks at a mapping beside native answers: why a field is what it is, what changed at a provider, what is left out."""
