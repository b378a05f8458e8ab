"""The command line: ``truto-unify``."""
