"""Computes the evidence for each field, filter and sort from samples, cassettes and stores."""
