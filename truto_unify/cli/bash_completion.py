"""Completion in bash of words that hold ``=`` or ``:``, which click's own script leaves uncompleted."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from click.shell_completion import BashComplete, split_arg_string

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# bash takes a word apart at COMP_WORDBREAKS and replaces the last part alone, so the program reads the whole line and
# prints that part of each completion. https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
_SOURCE = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
        [[ $value == *= ]] && compopt -o nospace
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_BREAKS = "=:"


class WholeWordBash(BashComplete):
    """Completes the word before the cursor as people read it, up to a blank."""

    source_template = _SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one that was begun."""
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        is_begun = bool(words) and not line[-1:].isspace()
        return (words[:-1], words[-1]) if is_begun else (words, "")

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """The type and the part that bash puts in place of the last part of the word."""
        _, begun = self.get_completion_args()
        return f"{item.type},{item.value[len(self._untouched(begun)) :]}"

    def _untouched(self, begun: str) -> str:
        """The start of the word that bash leaves alone; nothing of a word in quotes, which bash does not take apart."""
        is_quoted = os.environ["COMP_WORDS"].endswith((f"'{begun}", f'"{begun}'))
        breaks = "".join(letter for letter in _BREAKS if letter in os.environ.get("COMP_BREAKS", _BREAKS))
        cut = re.match(f".*[{breaks}]", begun) if breaks and not is_quoted else None
        return cut[0] if cut is not None else ""
