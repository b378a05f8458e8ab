"""Measures what unifying costs against hand-written code; ``python -m benchmarks`` prints the table of goals."""
