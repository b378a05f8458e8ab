"""Makes the first version of a provider's files, with guesses from a sample answer or an OpenAPI document."""
