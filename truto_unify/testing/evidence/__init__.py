"""Computes how each field, filter and sort is known, from samples, cassettes and stores."""
