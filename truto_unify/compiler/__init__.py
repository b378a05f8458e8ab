"""Compiles JMESPath syntax trees to Python functions.

``emit`` writes the source of one function for a syntax tree, ``runtime`` holds what such a function calls, and
``build`` turns the source into a function.
"""
