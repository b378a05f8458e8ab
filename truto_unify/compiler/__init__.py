"""Compiles a mapping to Python: from syntax trees over typed values to functions over dicts and over bytes.

In the order of reading: ``value`` (what is known of a value before anything runs), ``writer`` (grows source),
``emit`` (one method for each kind of node), ``lists`` (projections become loops), ``calls`` and ``cleaning``
(functions and rules written in line), ``mapping`` (a field table becomes one function), ``table`` (the functions of
a mapping, each compiled when first needed), ``build`` (source to function), ``runtime`` (what generated code calls).
For JSON: ``reading`` (what a mapping reads), ``decode`` (a decoder of just that), ``result`` (structs in place of
dicts). ``elements`` and ``times`` are rules of their own: which elements of a list leave, and times that leave as they
came.
"""
