"""Compiles a mapping to Python: from syntax trees over typed values to functions over dicts and over bytes.

In reading order:

- ``value``: what is known of a value before anything runs. ``writer``: the source as it grows.
- ``emit``: turns syntax trees into values, by the table of ``nodes``. ``lists``: projections become loops. ``calls``
  and ``cleaning``: functions and cleaning rules, written in line. ``nodes``: one function for each kind of node.
- ``elements``: which elements of a list leave. ``times``: times whose text needs no parsing.
- ``mapping``: a field table becomes one function. ``table``: the functions of a mapping, each compiled when first
  needed.
- ``build``: source becomes a function. ``runtime``: what generated code calls.
- For JSON: ``access_path`` (what a mapping reads), ``decode`` (a decoder of just that), ``result`` (structs in place of
  dicts).
"""
