"""Tables of docs/beyond.md on sizes and temperatures of the perfect crystal."""

from math import prod

from pages.load import Results
from pages.text import NOT_MEASURED, measured, percent, table


def sizes(found: Results) -> list[str]:
    """Errors of one stride by size, and the large crystal."""
    pieces = sorted(found.of("size"), key=lambda p: (p["model"]["name"], prod(p["cells"])))
    rows = [
        [
            f"{4 * prod(piece['cells']):,}",
            piece["model"]["name"],
            percent(piece["result"]["d"], piece["result"]["d_error"]),
            percent(piece["result"]["w"], piece["result"]["w_error"]),
            str(piece["result"]["windows"]),
        ]
        for piece in pieces
    ]
    lines = [
        "## Sizes",
        "",
        "Perfect crystals at 600 K. `al-small` was trained on cells of 108 atoms alone, for two"
        " minutes ([al-small-model.yaml](../recipes/al-small-model.yaml)).",
        "",
    ]
    lines += [table(["atoms", "model", "d, %", "w, %", "strides"], rows) if rows else NOT_MEASURED]
    lines += ["", *_large(found), *found.provenance("size"), ""]
    return lines


def _large(found: Results) -> list[str]:
    lines = []
    for piece in found.of("large"):
        result, model = piece["result"], piece["model"]["name"]
        lines += [
            f"{result['n_atoms']:,} atoms, {result['picoseconds']:g} ps of `{model}` from the"
            f" lattice in a Langevin bath of 600 K: {result['temperature']:.1f} K and, by the"
            f" reference, {result['energy']:.4f} eV per atom in the last frame.",
            "",
        ]
    return lines


def temperatures(found: Results) -> list[str]:
    """Errors of one stride by temperature and the guard's verdict."""
    pieces = sorted(found.of("temperature"), key=lambda p: (p["model"]["name"], p["temperature"]))
    rows = []
    for piece in pieces:
        result = piece["result"]
        means = result["means"]
        rows.append(
            [
                f"{piece['temperature']:g}",
                piece["model"]["name"],
                percent(result["d"], result["d_error"]),
                percent(result["w"], result["w_error"]),
                measured(means["neighbourhood"]),
                f"{result['share']:.2f}",
                percent(result["looks_outside"]),
            ]
        )
    header = [
        "K",
        "model",
        "d, %",
        "w, %",
        "mean distance to the data",
        "largest signal over its limit",
        "looks outside, %",
    ]
    body = [table(header, rows)] if rows else [NOT_MEASURED]
    return [
        "## Temperatures",
        "",
        "Perfect crystals of 256 atoms. `al-cold` was trained on the runs of 300 to 600 K alone"
        " ([al-cold-model.yaml](../recipes/al-cold-model.yaml)).",
        "",
        *body,
        "",
        *found.provenance("temperature"),
        "",
    ]
