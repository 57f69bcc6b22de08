"""Blocks of a model's card, each checked by the class that says what it holds."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from longstride.errors import FileFormatError

Block = TypeVar("Block", bound=BaseModel)


def checked_block(kind: type[Block], card: Mapping[str, Any], name: str, where: str) -> Block:
    """The block of a name.

    Args:
        kind: what it holds.
        card: the content of ``model.json``.
        name: of the block.
        where: how messages call the file.

    Raises:
        FileFormatError: the card has no such block, or a damaged one.
    """
    try:
        return kind.model_validate(card.get(name))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([name, *map(str, first["loc"])])
        raise FileFormatError(f"{where}: {place}: {first['msg']}") from None
