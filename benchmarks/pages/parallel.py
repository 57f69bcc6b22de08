"""docs/parallel.md, from benchmarks/results/parallel alone."""

from pathlib import Path

from longstride.files import write_text
from pages.load import Piece, Results
from pages.parallel_text import BEYOND, HEAD, PRECISION, PRODUCTS, SHORT, STEPS, TAIL
from pages.text import NOT_MEASURED, table


def write(results: Path, docs: Path) -> Path:
    """Write the page; returns its file."""
    page = docs / "parallel.md"
    found = Results.read(results)
    parts = [HEAD, _steps(found), BEYOND, _precision(found), TAIL.format(short=_short(found))]
    write_text(page, "\n\n".join(part.strip("\n") for part in parts) + "\n")
    return page


def _steps(found: Results) -> str:
    pieces = sorted(found.of("steps"), key=lambda piece: piece["windows"])
    if not pieces:
        return STEPS.format(table=NOT_MEASURED, steps="", difference="", provenance="")
    rows = []
    for piece in pieces:
        result = piece["result"]
        wall, spent = result["wall_ms"], result["processor_ms"]
        rows.append(
            [
                str(piece["windows"]),
                *(f"{wall[name]:.0f}" for name in ("one", "two")),
                f"{wall['one'] / wall['two']:.2f}",
                *(f"{spent[name]:.0f}" for name in ("one", "two")),
                f"{spent['one'] / spent['two']:.2f}",
                f"{result['largest_difference']:.0e}",
            ]
        )
    header = [
        "windows a step",
        "1 process, ms",
        "2 processes, ms",
        "ratio",
        "processor time of 1, ms",
        "of each of 2, ms",
        "ratio",
        "losses differ by",
    ]
    return STEPS.format(
        table=table(header, rows),
        steps=" and ".join(str(piece["result"]["steps"]) for piece in pieces),
        provenance="\n".join(found.provenance("steps")),
    )


def _precision(found: Results) -> str:
    models = {piece["precision"]: piece["result"] for piece in found.of("model")}
    trained = {(piece["precision"], piece["seed"]): piece for piece in found.of("trained")}
    if not models or not trained:
        return PRECISION.format(table=NOT_MEASURED, trained="", steps="", provenance="")
    rows = [[PRODUCTS.get(name, name), _errors(errors)] for name, errors in models.items()]
    header = ["seed", "precision", "before, d / w %", "after, d / w %", "steps left out"]
    own = [
        [str(seed), name, *(_errors(piece["result"][k]) for k in ("before", "after")), _left(piece)]
        for (name, seed), piece in sorted(trained.items(), key=lambda item: item[0][::-1])
    ]
    return PRECISION.format(
        table=table(["products", "d / w %"], rows),
        trained=table(header, own),
        steps=next(iter(trained.values()))["steps"],
        provenance="\n".join(found.provenance("trained")),
    )


def _left(piece: Piece) -> str:
    return str(piece["result"]["skipped"])


def _errors(errors: dict[str, float]) -> str:
    return f"{100 * errors['d']:.5g} / {100 * errors['w']:.5g}"


def _short(found: Results) -> str:
    """What two processes fell short of, in numbers."""
    pieces = found.of("steps")
    if not pieces:
        return NOT_MEASURED
    worst = {
        name: min(piece["result"][name]["one"] / piece["result"][name]["two"] for piece in pieces)
        for name in ("wall_ms", "processor_ms")
    }
    return SHORT.format(**{name: f"{value:.2f}" for name, value in worst.items()})
