"""Tables of docs/beyond.md on liquids, defects, surfaces and strains."""

from pages.beyond_pairs import Pair, pairs
from pages.load import Results
from pages.text import NOT_MEASURED, measured, percent, table

MILLI = 1000.0


def one_stride(found: Results) -> list[str]:
    """Errors of one stride and the guard's verdict."""
    rows = [
        [
            pair.title,
            pair.model,
            percent(pair.stride["d"], pair.stride["d_error"]),
            percent(pair.stride["w"], pair.stride["w_error"]),
            f"{pair.stride['share']:.2f}",
            percent(pair.stride["looks_outside"]),
            percent(pair.stride["atoms_outside"]),
        ]
        for pair in pairs(found)
    ]
    header = [
        "case",
        "model",
        "d, %",
        "w, %",
        "largest signal over its limit",
        "looks outside, %",
        "atoms outside, %",
    ]
    return _section("One stride", header, rows, found.provenance("beyond"))


def rollouts(found: Results) -> list[str]:
    """Whether rollouts live, and what they do to temperature, energy and g(r)."""
    rows = []
    for pair in pairs(found):
        gap = pair.gap()
        energy = _off(pair, "energy", MILLI)
        drift = pair.of("energy_drift")
        rows.append(
            [
                pair.title,
                pair.model,
                _lived(pair),
                _off(pair, "temperature"),
                energy,
                "–" if drift is None else measured(MILLI * drift[0], MILLI * drift[1], sign=True),
                "–" if gap is None else f"{percent(gap[0])} ({percent(gap[1])})",
                percent(sum(r["looks_outside"] for r in pair.rollouts) / len(pair.rollouts)),
            ]
        )
    header = [
        "case",
        "model",
        "lived, ps",
        "ΔT, K",
        "ΔE, meV/atom",
        "drift of E, meV/atom/ps",
        "g(r), %",
        "looks outside, %",
    ]
    return [table(header, rows), "", *found.provenance("reference"), ""]


def liquids(found: Results) -> list[str]:
    """Diffusion."""
    rows = [
        [pair.title, pair.model, *_beside(pair, "diffusion"), _ratio(pair, "diffusion")]
        for pair in pairs(found, lambda case: case.startswith("liquid"))
    ]
    header = ["case", "model", "D, Å²/ps", "LAMMPS", "off by, %"]
    return _section("Liquids", header, rows)


def vacancies(found: Results) -> list[str]:
    """Rates of jumps."""
    rows = []
    for pair in pairs(found, lambda case: case.startswith("vacancy")):
        counts = sum(rollout["count"] for rollout in pair.whole)
        time = sum(rollout["nanoseconds"] for rollout in pair.whole)
        ours = sum(run["count"] for run in pair.runs)
        length = sum(run["nanoseconds"] for run in pair.runs)
        rows.append(
            [
                pair.title,
                pair.model,
                *_beside(pair, "jumps"),
                f"{counts} in {time:.2f} ns" if pair.whole else "–",
                f"{ours} in {length:.2f} ns" if pair.runs else "–",
            ]
        )
    header = ["case", "model", "jumps per ns", "LAMMPS", "counted", "counted by LAMMPS"]
    return _section("Vacancies", header, rows)


def surfaces(found: Results) -> list[str]:
    """Spacings and temperatures of layers, from the surface inwards."""
    rows = []
    for pair in pairs(found, lambda case: case.startswith("slab")):
        for name in ("spacing_1", "spacing_2", "spacing_3", "warmth_1", "warmth_4"):
            kind, _, layer = name.partition("_")
            label = f"d{layer}{int(layer) + 1}, Å" if kind == "spacing" else f"T of {layer}, K"
            rows.append(
                [f"{pair.title}: {label}", pair.model, *_beside(pair, name), _noise(pair, name)]
            )
    header = ["number", "model", "value", "LAMMPS", "its two runs differ by"]
    return _section("Surfaces", header, rows)


def strains(found: Results) -> list[str]:
    """Mean square amplitudes."""
    rows = [
        [
            pair.title,
            pair.model,
            *_beside(pair, "amplitude"),
            _ratio(pair, "amplitude"),
        ]
        for pair in pairs(found, lambda case: case.startswith("strain"))
    ]
    header = ["case", "model", "mean square amplitude, Å²", "LAMMPS", "off by, %"]
    return _section("Strains", header, rows)


def boundaries(found: Results) -> list[str]:
    """Shares of ordered surroundings."""
    rows = []
    kinds = ("fault", "boundary")
    for pair in pairs(found, lambda case: case.startswith(kinds)):
        row = [pair.title, pair.model]
        for name in ("fcc_first", "fcc_last", "hcp_last"):
            row += [" / ".join(_share(value) for value in (pair.of(name), pair.reference(name)))]
        rows.append(row)
    header = [
        "case",
        "model",
        "fcc at the start, % (model / LAMMPS)",
        "fcc at the end",
        "hcp at the end",
    ]
    return _section("Fault and boundaries", header, rows)


def melting(found: Results) -> list[str]:
    """Velocities of fronts, and how much is crystalline."""
    rows = []
    for pair in pairs(found, lambda case: case.startswith("coexistence")):
        atoms = [
            " / ".join(
                "–" if value is None else f"{value[0]:.0f}"
                for value in (pair.of(name), pair.reference(name))
            )
            for name in ("crystalline_first", "crystalline_last")
        ]
        velocity = [*_beside(pair, "velocity"), _noise(pair, "velocity")]
        rows.append([pair.title, pair.model, *velocity, *atoms])
    header = [
        "case",
        "model",
        "velocity of a front, m/s",
        "LAMMPS",
        "its two runs differ by",
        "crystalline at the start (model / LAMMPS)",
        "at the end",
    ]
    return _section("Melting and freezing", header, rows)


def _section(
    title: str, header: list[str], rows: list[list[str]], more: list[str] | None = None
) -> list[str]:
    body = [table(header, rows)] if rows else [NOT_MEASURED]
    return [f"## {title}", "", *body, "", *([*more, ""] if more else [])]


def _lived(pair: Pair) -> str:
    """Lengths of the rollouts that lived, or when some broke and how many did not."""
    lengths = sorted({f"{rollout['picoseconds']:.0f}" for rollout in pair.whole})
    broken = [f"{r['picoseconds']:.0f}" for r in pair.rollouts if r["broke"] is not None]
    if not broken:
        number = len(pair.whole)
        return f"{number} × {lengths[0]}" if number > 1 else lengths[0]
    text = f"**broke after {', '.join(broken)}**"
    return f"{text}, {len(pair.whole)} × {lengths[0]} whole" if lengths else text


def _off(pair: Pair, name: str, scale: float = 1.0) -> str:
    """Model less reference, and in brackets the difference of the two reference runs."""
    ours, theirs, noise = pair.of(name), pair.reference(name), pair.noise(name)
    if ours is None or theirs is None or noise is None:
        return "–"
    error = scale * (ours[1] ** 2 + theirs[1] ** 2) ** 0.5
    return f"{measured(scale * (ours[0] - theirs[0]), error, sign=True)} ({scale * noise:.2g})"


def _beside(pair: Pair, name: str) -> list[str]:
    return [
        "–" if value is None else measured(*value)
        for value in (pair.of(name), pair.reference(name))
    ]


def _ratio(pair: Pair, name: str) -> str:
    ours, theirs = pair.of(name), pair.reference(name)
    if ours is None or theirs is None:
        return "–"
    error = ours[0] / theirs[0] * ((ours[1] / ours[0]) ** 2 + (theirs[1] / theirs[0]) ** 2) ** 0.5
    return measured(100.0 * (ours[0] / theirs[0] - 1.0), 100.0 * error, sign=True)


def _noise(pair: Pair, name: str) -> str:
    noise = pair.noise(name)
    return "–" if noise is None else f"{noise:.2g}"


def _share(value: tuple[float, float] | None) -> str:
    return "–" if value is None else f"{100.0 * value[0]:.0f}"
