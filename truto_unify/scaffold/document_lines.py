"""Indents the lines of a GraphQL document."""

from __future__ import annotations


def indent_lines(lines: list[str]) -> list[str]:
    """The lines of a document, indented by their braces.

    >>> indent_lines(["query List {", "customers {", "id", "}", "}"])
    ['query List {', '  customers {', '    id', '  }', '}']
    """
    indented: list[str] = []
    depth = 0
    for line in lines:
        depth -= line == "}"
        indented.append(f"{'  ' * depth}{line}".rstrip())
        depth += line.endswith("{")
    return indented
