"""What a command of the command line is: a function, whose docstring is its help."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Callable

    from cfit_graph.settings import Settings

    Command = Callable[[Namespace, Settings], int]
    Commands = _SubParsersAction[ArgumentParser]


def add(commands: Commands, run: Command, name: str = "") -> ArgumentParser:
    """Add a command, called as its function unless another name is given, and return its parser."""
    name = name or run.__name__.rstrip("_").replace("_", "-")
    command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
    command.set_defaults(run=run)
    return command
