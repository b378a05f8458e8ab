"""The account store: accounts, their tokens, and overrides."""
