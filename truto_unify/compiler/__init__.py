"""Compiles a mapping to Python: from syntax trees over typed values to functions over dicts and over bytes.

In the order of reading: ``value`` (what is known of a value before anything runs), ``writer`` (grows source),
``emit`` (one method for each kind of node), ``lists`` (projections become loops), ``calls`` and ``cleaning``
(functions and rules written in line), ``mapping`` (a field table becomes one function), ``table`` (the functions of
a mapping, each compiled when first needed), ``build`` (source to function), ``runtime`` (what generated code calls).
For bytes: ``reading`` (what a mapping reads), ``decode`` (a decoder of just that), ``page`` (records cut out of an
answer), ``boundaries`` (the same by a guess that is proven), ``result`` (what is only to be written). ``elements`` and
``times`` are rules of their own: which elements of a list leave, and times that leave as they came.
"""
