"""The pretend Wix site."""
