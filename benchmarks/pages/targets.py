"""What the project asks of its shipped model, and what was measured."""

from collections.abc import Callable
from dataclasses import dataclass

from pages.load import Piece, Results
from pages.text import measured

ONESTEP_TEMPERATURES = (300.0, 450.0, 600.0, 750.0, 900.0)
NVE_TEMPERATURES = (300.0, 600.0, 900.0)

STAGED_GAIN = 3.0
"""A staged map is to be at least this many times better in w than one stage."""

NVT_TEMPERATURE, RDF_NOISE, AMPLITUDE = 0.01, 1.5, 0.03
NVE_DRIFT, NVE_AIM = 5.0, 1.0
"""Percent of the kinetic energy over 100 ps."""


def w_target(temperature: float) -> float:
    """Largest relative error of w after one stride."""
    return 0.015 if temperature <= 600.0 else 0.020


def d_target(temperature: float) -> float:
    """Largest relative error of d after one stride."""
    return 0.010 if temperature <= 600.0 else 0.015


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target: passed is None where nothing was measured."""

    quantity: str
    target: str
    value: str
    passed: bool | None
    script: str


def all_targets(results: Results) -> list[Verdict]:
    """Every target, temperature by temperature."""
    name = results.shipped or ""
    verdicts = []
    for temperature in ONESTEP_TEMPERATURES:
        verdicts += _onestep(results, name, temperature)
    verdicts += gains(results)
    for temperature in ONESTEP_TEMPERATURES:
        verdicts += _nvt(results, name, temperature)
    for temperature in NVE_TEMPERATURES:
        verdicts += _nve(results, name, temperature)
    return verdicts


def _onestep(results: Results, name: str, temperature: float) -> list[Verdict]:
    piece = results.find("onestep", name, temperature)
    rows = []
    for symbol, key, limit in (
        ("w", "velocity", w_target(temperature)),
        ("d", "displacement", d_target(temperature)),
    ):
        value = piece["model"][key][-1] if piece else None
        error = piece["model"][key + "_uncertainty"][-1] if piece else None
        rows.append(
            Verdict(
                f"one-stride error of {symbol}, {temperature:g} K",
                f"≤ {100 * limit:g} %",
                "" if value is None else f"{measured(100 * value, 100 * (error or 0.0))} %",
                None if value is None else value <= limit,
                "onestep",
            )
        )
    return rows


def gain(results: Results, better: str, temperature: float, key: str = "velocity") -> float | None:
    """Error of the one-stage map over that of another one, both after 60 fs."""
    one = results.find("onestep", "one-stage", temperature)
    other = results.find("onestep", better, temperature)
    if one is None or other is None:
        return None
    return float(one["model"][key][-1] / other["model"][key][-1])


def gains(results: Results) -> list[Verdict]:
    """The staged map against one stage; the least of the temperatures counts."""
    rows = []
    for name in ("staged", "kicks"):
        found = [gain(results, name, t) for t in ONESTEP_TEMPERATURES]
        known = [value for value in found if value is not None]
        rows.append(
            Verdict(
                f"error of w, one stage over {name}, least of the temperatures",
                f"≥ {STAGED_GAIN:g}",
                f"{min(known):.2f}" if known else "",
                min(known) >= STAGED_GAIN if known else None,
                "onestep",
            )
        )
    return rows


def nvt_numbers(piece: Piece, temperature: float) -> dict[str, tuple[float, float | None]]:
    """Deviations of one temperature with their errors: temperature, rdf (a ratio), amplitude."""
    own, known = piece["model"], piece["references"]
    amplitude = own["amplitude"]["value"]
    others = [other["amplitude"] for other in known]
    mean = sum(other["value"] for other in others) / len(others)
    error_mean = sum(other["error"] ** 2 for other in others) ** 0.5 / len(others)
    ratio = amplitude / mean
    error = ratio * ((own["amplitude"]["error"] / amplitude) ** 2 + (error_mean / mean) ** 2) ** 0.5
    rdf = piece["rdf"]
    between = sum(rdf["between_references"]) / len(rdf["between_references"])
    to_references = sum(rdf["to_references"]) / len(rdf["to_references"])
    return {
        "temperature": (
            own["temperature"]["value"] / temperature - 1.0,
            own["temperature"]["error"] / temperature,
        ),
        "rdf": (to_references / between, None),
        "amplitude": (ratio - 1.0, error),
    }


def _nvt(results: Results, name: str, temperature: float) -> list[Verdict]:
    piece = results.find("nvt", name, temperature)
    numbers = nvt_numbers(piece, temperature) if piece and not piece["broke"] else None
    broke = "broke down" if piece and piece["broke"] else ""
    wanted: tuple[tuple[str, str, str, Callable[[float], bool]], ...] = (
        ("temperature", "mean kinetic temperature", "within 1 %", _within(NVT_TEMPERATURE)),
        ("rdf", "L1 distance of g(r) over the noise", f"≤ {RDF_NOISE:g}", lambda v: v <= RDF_NOISE),
        ("amplitude", "mean square amplitude", "within 3 %", _within(AMPLITUDE)),
    )
    rows = []
    for key, title, target, good in wanted:
        text, passed = broke, False if broke else None
        if numbers:
            value, error = numbers[key]
            passed = good(value)
            text = measured(value) if key == "rdf" else _signed_percent(value, error)
        rows.append(Verdict(f"NVT {title}, {temperature:g} K", target, text, passed, "nvt"))
    return rows


def _nve(results: Results, name: str, temperature: float) -> list[Verdict]:
    piece = results.find("nve", name, temperature)
    rows = []
    for key in ("total", "kinetic"):
        text, passed = "", None
        if piece and piece["broke"]:
            text, passed = f"broke down after {piece['broke']['time']:.3g} ps", False
        elif piece:
            drift = piece[key]
            passed = abs(drift["percent"]) < NVE_DRIFT
            text = f"{measured(drift['percent'], drift['percent_error'], sign=True)} %"
            if abs(drift["percent"]) < NVE_AIM:
                text += f" (below the aim of {NVE_AIM:g} %)"
        rows.append(
            Verdict(
                f"NVE drift of the {key} energy over 100 ps, {temperature:g} K",
                f"< {NVE_DRIFT:g} % of the kinetic energy",
                text,
                passed,
                "nve",
            )
        )
    return rows


def _within(limit: float) -> Callable[[float], bool]:
    return lambda value: abs(value) <= limit


def _signed_percent(value: float, error: float | None) -> str:
    return f"{measured(100 * value, 100 * (error or 0.0), sign=True)} %"
