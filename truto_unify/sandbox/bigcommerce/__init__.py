"""The pretend BigCommerce store."""
