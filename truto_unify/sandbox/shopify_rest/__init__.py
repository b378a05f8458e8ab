"""The pretend Shopify store, over REST."""
