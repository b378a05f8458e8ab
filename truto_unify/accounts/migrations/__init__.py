"""The versions of the schema, one module each; ``database.py`` runs them."""
