"""Table of docs/beyond.md on runs at constant energy."""

from pages.load import Results
from pages.text import NOT_MEASURED, measured, table


def constant_energy(found: Results) -> list[str]:
    """Drift of the total energy of bulk crystals."""
    pieces = sorted(found.of("nve"), key=lambda p: (p["model"]["name"], p["temperature"]))
    rows = []
    for piece in pieces:
        result = piece["result"]
        row = [f"{piece['temperature']:g}", piece["model"]["name"]]
        if result["broke"]:
            rows.append([*row, f"**broke after {result['broke']['time']:.0f} ps**"])
            continue
        total = result["total"]
        rows.append([*row, measured(total["percent"], total["percent_error"], sign=True)])
    body = table(["K", "model", "drift, % of the kinetic energy"], rows) if rows else NOT_MEASURED
    return [
        "## Constant energy",
        "",
        "Perfect crystals of 500 atoms, total energy over 100 ps without a bath"
        " (`python benchmarks/accuracy.py nve`; those of `al` are in [accuracy](accuracy.md)).",
        "",
        body,
        "",
        *found.provenance("nve"),
        "",
    ]
