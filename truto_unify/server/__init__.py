"""The HTTP service: the unified surface over stored accounts."""
