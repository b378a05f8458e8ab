"""The pretend Shopify store, over GraphQL."""
