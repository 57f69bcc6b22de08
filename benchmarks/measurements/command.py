"""What the scripts have in common: a command line described by the docstring, errors in a line."""

import argparse
import sys
from collections.abc import Callable

from longstride.errors import LongstrideError


def parser_of(docstring: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the docstring of a script."""
    description, _, more = (docstring or "").partition("\n")
    formatter = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(description=description, epilog=more, formatter_class=formatter)


def ended(work: Callable[[], None]) -> int:
    """Does the work; errors of the user are one line and exit code 2."""
    try:
        work()
    except LongstrideError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
