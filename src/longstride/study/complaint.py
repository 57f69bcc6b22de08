"""The first complaint of a checked document, as one line."""

from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError


def complaint(error: ValidationError, root: type[BaseModel]) -> str:
    """Key path, value, what is wrong, and a key that is close to an unknown one.

    Args:
        error: of pydantic.
        root: the model that was checked.
    """
    found = error.errors()
    # A misspelt key is behind a missing one, so it comes first.
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    shown = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = list(_section(root, first["loc"][:-1]).model_fields)
        close = get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
        return f"unknown key '{shown}'; {hint}"
    if first["type"] == "missing":
        return f"'{shown}' is missing"
    message = " ".join(first["msg"].removeprefix("Value error, ").split())
    value = first["input"]
    if isinstance(value, dict | list | tuple | BaseModel):
        return f"{shown}: {message}" if shown else message
    return f"{shown}: {message}, not {value!r}"


def _section(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that the keys of a place belong to."""
    for part in location:
        field = model.model_fields.get(str(part))
        # Of a union, the next part of the place is the tag of the member.
        for kind in _models(field.annotation) if field is not None else []:
            tag = kind.model_fields.get("kind")
            if tag is None or len(location) < 2 or location[-1] in get_args(tag.annotation):
                model = kind
                break
    return model


def _models(annotation: object) -> list[type[BaseModel]]:
    """Models that an annotation names, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]
