"""Models that go to the hub and come from it."""

from pathlib import Path

from rich.console import Console

from longstride.cli.interruption import stoppable
from longstride.zoo import resolve
from longstride.zoo.hub import Place, connect, pull_model, push_model


def push_to_hub(model: str, where: str) -> None:
    """Put a model on the hub, and say how others get it."""
    place, folder = Place.parse(where), resolve(model)
    with stoppable("the repository holds the model whole or not at all; run it again"):
        checksum = push_model(connect(), folder, place)
    _say(f"pushed {model}; others get it by")
    _say(f"longstride models --pull {where} --sha256 {checksum}")


def pull_from_hub(
    where: str, output: Path | None, revision: str | None, checksum: str | None
) -> None:
    """Fetch a model from the hub, and say where it is."""
    place = Place.parse(where)
    folder = Path(place.name) if output is None else output
    with stoppable("nothing was written; run it again"):
        found = pull_model(connect(), place, folder, revision=revision, checksum=checksum)
    _say(f"wrote {folder}: {where}, SHA-256 {found}")


def _say(text: str) -> None:
    Console(stderr=True).print(text, highlight=False, soft_wrap=True, markup=False)
