"""Adds --update-golden to pytest."""

pytest_plugins = ["truto_unify.testing.plugin"]
