"""Drafts a provider's files, with guesses from a sample answer or an OpenAPI document."""
