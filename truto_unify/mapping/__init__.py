"""The mapping engine: native records in, unified records out, without a network."""
