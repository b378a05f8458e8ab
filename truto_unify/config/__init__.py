"""Configuration files: loading, checking, merging."""
