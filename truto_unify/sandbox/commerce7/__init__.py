"""The pretend Commerce7 store."""
