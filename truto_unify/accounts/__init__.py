"""Where accounts and their tokens live."""
