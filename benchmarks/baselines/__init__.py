"""The contenders of the compiled mapping: hand-written code with identical output."""
