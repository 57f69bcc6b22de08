"""A measurement beside the reference, repeated at several temperatures: one piece for each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from longstride.reference.engine import Engine
from measurements.record import make_piece
from measurements.subject import Subject
from measurements.system import Systems


def measure_each(
    part: str,
    subject: Subject,
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    settings: BaseModel,
    ranks: int,
    compare: Callable[[float, Engine], dict[str, Any]],
) -> None:
    """Write ``PART-NAME-TK.json`` for every temperature, unless it is there already.

    Args:
        part: what is measured.
        subject: the model.
        systems: held-out cells.
        temperatures: K.
        results: folder of the pieces.
        settings: they determine the numbers, with model, data and reference.
        ranks: of the reference.
        compare: measures at a temperature beside the reference.
    """
    for temperature in temperatures:
        engine = systems.engine(temperature, ranks)
        determined_by = {
            "part": part,
            "model": subject.describe(),
            "temperature": temperature,
            "data": {"file": systems.path.name, "sha256": systems.sha256},
            "settings": settings.model_dump(mode="json"),
            "reference": engine.describe(),
        }
        make_piece(
            results / f"{part}-{subject.name}-{temperature:g}K.json",
            determined_by,
            lambda t=temperature, e=engine: compare(t, e),
        )
