"""What a recipe leaves open, proposed from the data: ``model: auto``.

- **Substep.** A kick-drift map repeats itself every substep: a drive of that period, from which
  vibrations absorb energy where a few of them add up to it. With five of the fastest or more the
  drift was small in every metal tried, with four it was not (docs/maps.md).
- **Stride.** Three substeps, 0.6 periods of the fastest vibration, or as many of them as keep the
  error budget (:mod:`~longstride.training.error_budget`). More gain nothing: the cost goes by
  kicks, of which each substep has its own.
- **Cutoff.** Sixty neighbours on average: between the fourth and fifth shell of fcc and hcp, the
  fifth and sixth of bcc, where few atoms cross.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, pi
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from longstride.analysis import density_of_states
from longstride.dataset import Block, TrajectorySet, coverage
from longstride.errors import ConfigError
from longstride.training.data_files import data_files
from longstride.trajectory import Segment
from longstride.units import THZ

PHONONS: Final = 5
"""Of the fastest vibration that add up to the frequency of the substeps, at least."""

SUBSTEPS: Final = 3
"""Of a stride, at most."""

ERROR: Final = 0.01
"""Budget of a stride's error by default, Å."""

KICKS: Final = 3
"""Of a substep: one every fifteenth of a period."""

NEIGHBOURS: Final = 60
"""Inside the cutoff."""

INNERMOST: Final = 0.785
"""Centre of the innermost radial function, times the edge of an atom's share of the volume."""

FASTEST: Final = 0.98
"""Share of the spectrum below what counts as the fastest vibration: windows have long tails."""

RESOLVED: Final = 0.8
"""Share of the Nyquist frequency up to which a spectrum is believed."""

MOST_SEGMENTS: Final = 20
MOST_FRAMES: Final = 200
MOST_ATOMS: Final = 500

RADIAL: Final = 11
"""Functions of a model of one species; the study of docs/performance.md favours many."""

CHANNELS: Final = 16
"""Radial functions times species, at most: pairs of them make the invariants, and the cost."""

NETWORK: Final = {"hidden": 16, "attention": False, "bound": "hidden"}
OPTIMISATION: Final = {"learning_rate": 4.0e-3, "warmup_steps": 100, "batch_windows": 2}
LOSS: Final = {"displacement": 1.5, "velocity": 1.0}

VALIDATION_WINDOWS: Final = 4
"""Of each temperature: a small network takes longer to be judged on more than to be trained."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sections of a recipe, and why they are so.

    Attributes:
        sections: ``model``, ``optimisation``, ``loss`` and ``validation_windows``, as plain data.
        reasons: sentences for the user.
    """

    sections: dict[str, Any]
    reasons: tuple[str, ...]


def propose(segments: Sequence[Segment]) -> Proposal:
    """Model and training for a data set.

    Args:
        segments: all trajectories, with velocities.

    Raises:
        ConfigError: no velocities, or frames too far apart to show the fastest vibration or to
            train on the substep that it needs.
    """
    spectra = [(fastest_vibration(of_one), of_one) for of_one in _coldest(segments)]
    fastest, coldest = max(spectra, key=lambda spectrum: spectrum[0])
    interval = coldest[0].interval
    limit = 1.0 / (PHONONS * fastest * THZ)
    substep = floor(limit / interval + 1e-6) * interval
    if substep <= 0.0:
        raise ConfigError(
            f"model: auto: the fastest vibration, {fastest:.1f} THz, needs a substep of at most"
            f" {limit:.1f} fs, and frames are {interval:g} fs apart: record them more often, or"
            " write the section model by hand"
        )
    covered = coverage([Block(segment, 0, segment.n_frames) for segment in segments])
    densities = covered["number_density"]
    if densities is None:
        raise ConfigError("model: auto needs periodic cells: write the section model by hand")
    share = (1.0 / float(np.mean(densities))) ** (1 / 3)
    cutoff = round(share * (3.0 * NEIGHBOURS / (4.0 * pi)) ** (1 / 3), 2)
    radial = max(2, min(RADIAL, CHANNELS // len(covered["species"])))
    energies = all(segment.potential_energy(0) is not None for segment in segments)
    model = {
        "map": "kicks",
        "stage_times": [substep * (k + 1) for k in range(SUBSTEPS)],
        "substeps": SUBSTEPS,
        "kicks": KICKS,
        "species": covered["species"],
        "masses": covered["masses"],
        "cutoff": cutoff,
        "inner": round(INNERMOST * share, 2),
        "network": {"radial": radial, **NETWORK},
        "energy_head": energies,
        "guard": True,
    }
    reasons = (
        f"fastest vibration {fastest:.1f} THz ({100 * FASTEST:g} % of the spectrum at"
        f" {_temperature(coldest)} is below)",
        f"substeps of {substep:g} fs: at most 1/{PHONONS} of its period, {limit:.1f} fs, and a"
        f" multiple of the {interval:g} fs between frames",
        f"stride at most {SUBSTEPS * substep:g} fs: {SUBSTEPS} substeps,"
        f" {SUBSTEPS * substep * fastest * THZ:.2f} of its periods",
        f"cutoff {cutoff:g} Å: {NEIGHBOURS} neighbours on average",
        f"{radial} radial functions for each of {len(covered['species'])} species",
        "energy head: the data has energies" if energies else "no energy head: no energies",
        "guard: a rollout tells where it leaves the data",
    )
    sections = {
        "model": model,
        "optimisation": OPTIMISATION,
        "loss": LOSS,
        "validation_windows": VALIDATION_WINDOWS,
    }
    return Proposal(sections, reasons)


def fastest_vibration(segments: Sequence[Segment]) -> float:
    """The frequency in THz below which 98 % of the vibrational spectrum lies.

    Raises:
        ConfigError: no velocities, too few frames, or frames too far apart.
    """
    total = None
    for segment in segments[:MOST_SEGMENTS]:
        frames = range(min(segment.n_frames, MOST_FRAMES))
        read = [segment.state(frame).velocities[:MOST_ATOMS] for frame in frames]
        interval = segment.interval
        density = density_of_states(
            np.stack(read),
            segment.masses[:MOST_ATOMS],
            interval,
            resolution=1.0 / (THZ * interval * len(read)),
        )
        total = density.density if total is None else total + density.density
    assert total is not None
    below = np.cumsum(total) / total.sum()
    fastest = float(np.interp(FASTEST, below, density.frequency))
    if fastest > RESOLVED * density.nyquist:
        raise ConfigError(
            f"model: auto: frames {interval:g} fs apart show vibrations up to"
            f" {density.nyquist:.1f} THz only, and there are faster ones: record them more often"
        )
    return fastest


class Completed(NamedTuple):
    """A whole recipe.

    Attributes:
        raw: plain data.
        reasons: of what was proposed; none without ``auto``.
        error: budget of a stride's error that the proposed stride has to keep, Å; None where there
            is no stride to be chosen.
    """

    raw: dict[str, Any]
    reasons: tuple[str, ...]
    error: float | None


def completed(raw: dict[str, Any], beside: Path) -> Completed:
    """A plain recipe with ``model: auto`` replaced by what is proposed for its data.

    ``model: {auto: true, cutoff: 6.0}`` proposes all but what is given; ``error``, the budget of
    a stride's error in Å, is of the proposal alone. The sections
    ``optimisation`` and ``loss``, and ``validation_windows``, are proposed where there are none.

    Args:
        raw: the recipe.
        beside: folder in which data files are looked for too.

    Raises:
        ConfigError: there are no data files, nothing can be proposed for them, or the budget is no
            length.
    """
    given = raw.get("model")
    own = dict(given) if isinstance(given, dict) else {}
    if given != "auto" and own.pop("auto", False) is not True:
        return Completed(raw, (), None)
    error = _budget(own)
    with TrajectorySet(data_files(raw, beside, "model: auto")) as data:
        proposal = propose(data.segments)
    sections = {**proposal.sections, **{k: raw[k] for k in proposal.sections if k in raw}}
    network = own.pop("network", {})
    model = {**proposal.sections["model"], **own}
    if isinstance(network, dict):
        model["network"] = {**model["network"], **network}
    return Completed({**raw, **sections, "model": model}, proposal.reasons, error)


def _budget(own: dict[str, Any]) -> float | None:
    """Takes the error budget out of a section; None where the stride is given."""
    stated = own.pop("error", None)
    if "stage_times" in own or "substeps" in own or own.get("map", "kicks") != "kicks":
        if stated is not None:
            raise ConfigError(
                "model.error is a budget for the stride to be proposed: leave out map, stage_times"
                " and substeps, or the budget"
            )
        return None
    error = ERROR if stated is None else stated
    if isinstance(error, bool) or not isinstance(error, int | float) or not 0.0 < error < 1.0:
        raise ConfigError(
            f"model.error: an error of a stride in Å, above 0 and below 1, not {error}"
        )
    return float(error)


def _coldest(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Of each potential and composition, the long enough segments of its lowest temperature."""
    known = [s for s in segments if s.has_velocities and s.n_frames >= 8]
    if not known:
        raise ConfigError(
            "model: auto needs trajectories with velocities, of 8 frames or more: write the"
            " section model by hand"
        )

    materials: dict[tuple[str, bytes], list[Segment]] = defaultdict(list)
    for segment in known:
        composition = np.sort(segment.species).tobytes()
        materials[str(segment.metadata.get("potential")), composition].append(segment)
    return [_comparable(own) for own in materials.values()]


def _comparable(segments: Sequence[Segment]) -> list[Segment]:
    """Those of the lowest temperature, and of one frame interval and length."""

    def temperature(segment: Segment) -> float:
        return float(segment.metadata.get("temperature", np.inf))

    first = min(segments, key=temperature)
    return [
        s
        for s in segments
        if temperature(s) == temperature(first)
        and s.interval == first.interval
        and min(s.n_frames, MOST_FRAMES) == min(first.n_frames, MOST_FRAMES)
    ]


def _temperature(segments: Sequence[Segment]) -> str:
    told = segments[0].metadata.get("temperature")
    return "an unknown temperature" if told is None else f"{float(told):g} K"
