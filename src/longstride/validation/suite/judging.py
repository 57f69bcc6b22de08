"""The suite: families of checks at every temperature, and the files they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longstride.errors import LongstrideError
from longstride.validation.checks import FAMILIES
from longstride.validation.curves import ARRAYS_NAME, Curve, write_curves
from longstride.validation.evidence import Evidence, Unavailable
from longstride.validation.results import RESULTS_NAME, Check, Provenance, Results, write_results
from longstride.validation.snapshots import SNAPSHOTS_NAME, Snapshot, write_snapshots
from longstride.validation.suite.model_evidence import BrokenDown


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings.

    Attributes:
        checks, curves, snapshots: of all temperatures, family after family.
        notes: what could not be judged, and why.
    """

    checks: tuple[Check, ...]
    curves: tuple[Curve, ...]
    snapshots: tuple[Snapshot, ...]
    notes: tuple[str, ...]


def judge_all(evidence: Sequence[Evidence], families: Sequence[str], *, required: bool) -> Verdict:
    """Run the families of checks on the evidence.

    Args:
        evidence: of each temperature.
        families: names in :data:`FAMILIES`.
        required: whether every family must have evidence; if not, those without are left out with
            a note.

    Raises:
        LongstrideError: evidence is missing or too little, or nothing at all could be judged.
    """
    checks: list[Check] = []
    curves: list[Curve] = []
    snapshots: list[Snapshot] = []
    notes: list[str] = []
    for one in evidence:
        for name in FAMILIES:
            if name not in families:
                continue
            try:
                found = FAMILIES[name](one)
            except BrokenDown as error:
                notes.append(f"{name}: {error}")
                continue
            except Unavailable as error:
                if required:
                    raise
                notes.append(f"{name} left out: {error}")
                continue
            checks += found.checks
            curves += found.curves
            notes += found.notes
        checks += one.survival()
        shot = one.snapshot()
        snapshots += [] if shot is None else [shot]
    if not checks:
        raise LongstrideError("nothing could be judged: " + "; ".join(notes))
    return Verdict(tuple(checks), tuple(curves), tuple(snapshots), tuple(dict.fromkeys(notes)))


def write_verdict(folder: Path, verdict: Verdict, provenance: Provenance) -> Results:
    """Write ``results.json`` and the arrays beside it; the results last, for they say it is whole.

    Raises:
        FileFormatError: the folder cannot be written.
    """
    results = Results(
        provenance=provenance.model_copy(update={"notes": (*provenance.notes, *verdict.notes)}),
        checks=verdict.checks,
    )
    write_curves(folder / ARRAYS_NAME, verdict.curves)
    write_snapshots(folder / SNAPSHOTS_NAME, verdict.snapshots)
    write_results(folder / RESULTS_NAME, results)
    return results
