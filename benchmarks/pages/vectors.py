"""The section of docs/performance.md on the kernel's vectors: the compiler's, or a library's."""

import json
from pathlib import Path
from typing import Any

from pages.text import listed, table

FILES = ("vectors-speed.json", "vectors-newer-speed.json")
"""With the versions of the libraries that are packaged, and with others."""

LOOPS = ("edges", "moments", "layer", "selection")
FORMS = {"plain": "plain", "xsimd": "xsimd", "highway": "Highway"}
COMPILERS = {"g++": "GCC", "clang++": "Clang"}
NOTABLE = 0.03
"""Part of a time, of a loop or a kick, above which a difference counts."""

Result = dict[str, Any]

INTRODUCTION = """### Why vectors of the compiler

The kernel's vectors are those of GCC and Clang, as wide as a register. xsimd and Highway have
classes or functions for the same, and exponentials and compression besides. `benchmarks/vectors`
has four loops of the kernel as they are, and on each library's vectors with its functions, in ways
chosen by trial. *Edges*: unit vectors, components and radial functions of a slot. *Moments*: sums
over 16 slots. *Layer*: 209 × 16. *Selection*: the near ones among 190 candidates. One thread, all
in turns, {rounds} rounds: nanoseconds a slot, a slot, an atom and a candidate for plain vectors
(the least), then **how many times as long** {names} take (median of the rounds).
"""

COSTS = """What part of a kick of `al` these loops are (GCC), and how its time would change if all
four were a library's; at best, if each were the fastest there is:

{rows}

{verdict}

- **Edges** take longer by the libraries' exponentials, which are right for every number; the
  kernel's is bounded, and exp(x) and exp(−x) share their series. With the kernel's own on their
  vectors, edges took within 4 % of what they take here.
- **Moments and layer** are the same multiply-adds in each form. Differences come from which sums
  leave the registers, and with AVX-512 from a line of `asm` (`in_register`) that GCC needs in every
  form.
- **Selection.** xsimd has no compression before 12, a fast one for AVX-512 alone since, and
  gathers where the kernel loads rows. Highway 1.0.3 has a table that GCC copies to the stack each
  time (AVX2). With SSE2 all select lane by lane, and GCC keeps the rows in registers or does not.
- **Narrow registers.** Highway 1.0.3 computes SSE2 number by number, 1.4.0 does not.
- **Accuracy** is the same. Deviations from float64 relative to the largest number, the largest of
  {names}: {errors}.

What else there is to choose by:

- **Lines.** {lines} lines of the kernel name an instruction set or its intrinsics. Two facts stay
  with either library, which tells neither the number of registers nor the bits of an estimate.
  xsimd 8.1 needs our own inverse root for AVX-512 (its own does not compile) and compression;
  Highway needs `HWY_DISABLE_PCLMUL_AES`, or takes SSSE3 where AVX2 is asked for.
- **Compiling** the loops takes, in s by GCC / Clang, {compile}.
- **Instruction sets of one wheel.** A module for each, chosen when it is imported, goes with all
  three. Each library can choose by itself: `xsimd::dispatch` among files compiled for each,
  Highway's `foreach_target.h` by including the source once for each.
- **Other processors.** NEON is there in all three. On WASM and POWER plain vectors take the general
  form (lane by lane, and a division), the libraries their instructions; so does xsimd with SVE and
  RISC-V, for one width at a time. Highway's vectors for these have no known size and go into no
  array or structure, as our tiles and edges do. MSVC compiles both libraries and not our vectors.
- **Carrying it.** Both are header files, 1 and 2 MB (Highway's dispatch is a library), in Debian,
  conda-forge and Spack, not on PyPI: no build requirement can name them, and a source archive
  would hold a copy. Debian 12 has the older versions.
- **Life.** xsimd went from 8.1 (2022) to 14.3 (2026), and changed names on the way (`hadd`,
  `batch_constant`); 178 commits by 16 people in 2025. Highway went from 1.0 to 1.4, compatible by
  its rules; 518 commits by 40 people. Licences: BSD-3; Apache-2.0 or BSD-3.

{conclusion} *`python benchmarks/vectors.py`.*
"""

KEPT = """**So the kernel keeps plain vectors.** No library makes a kick notably faster, and {lines}
lines cost less than a copy of one. A processor whose vectors have no fixed size, or another
compiler, would be a reason to choose again."""

LEFT = """**By speed, {name} is the better choice**: it would change a kick's time by {gain}
({instructions})."""


def vectors_section(folder: Path) -> str:
    """The comparison, from the results that are in a folder."""
    paths = [folder / name for name in FILES]
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]
    if not results:
        return ""
    first = results[0]
    names = listed([FORMS[form] for form in first["libraries"]])
    lines = first["lines"]["plain"]
    costs = COSTS.format(
        rows=_kicks(results),
        verdict=_verdict(results),
        names=" / ".join(FORMS.values()),
        errors=_errors(results),
        lines=lines,
        compile=listed([f"{_compile_times(first, form)} ({FORMS[form]})" for form in FORMS]),
        conclusion=_conclusion(results, lines),
    )
    introduction = INTRODUCTION.format(rounds=first["rounds"], names=names)
    return "\n".join([introduction, *(_ratios(result) for result in results), costs])


def _programs(result: Result, form: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(p["instructions"], p["compiler"]): p for p in result["programs"] if p["form"] == form}


def _ratios(result: Result) -> str:
    versions = [f"{FORMS[form]} {version}" for form, version in result["libraries"].items()]
    rows = []
    for key, plain in _programs(result, "plain").items():
        row = [f"{key[0]}, {COMPILERS[key[1]]}"]
        for loop in LOOPS:
            others = [_programs(result, form)[key]["loops"][loop] for form in result["libraries"]]
            ratios = " / ".join(f"{other['ratio']:.2f}" for other in others)
            row.append(f"{plain['loops'][loop]['lowest_ns']:.3g} ns: {ratios}")
        rows.append(row)
    return f"With {listed(versions)}:\n\n{table(('', *LOOPS), rows)}\n"


def _gain(result: Result, instructions: str, form: str | None) -> float:
    """Relative change of a kick's time by a form of the loops, or by the best of each."""
    kick = result["kick"][instructions]
    plain = _programs(result, "plain")[instructions, "g++"]["loops"]
    change = 0.0
    for loop in LOOPS:
        share = 1e-3 * kick["times"][loop] * plain[loop]["lowest_ns"] / kick["us_per_atom"]
        ratios = {
            other: _programs(result, other)[instructions, "g++"]["loops"][loop]["ratio"]
            for other in FORMS
        }
        change += share * ((min(ratios.values()) if form is None else ratios[form]) - 1.0)
    return change


def _kicks(results: list[Result]) -> str:
    header = ["", "a kick, µs", *(f"{loop}, %" for loop in LOOPS)]
    for result in results:
        header += [f"{FORMS[form]} {version}" for form, version in result["libraries"].items()]
    rows = []
    for instructions, kick in results[0]["kick"].items():
        plain = _programs(results[0], "plain")[instructions, "g++"]["loops"]
        row = [instructions, f"{kick['us_per_atom']:.2f}"]
        for loop in LOOPS:
            share = 0.1 * kick["times"][loop] * plain[loop]["lowest_ns"] / kick["us_per_atom"]
            row.append(f"{share:.0f}")
        for result in results:
            row += [_percent(_gain(result, instructions, form)) for form in result["libraries"]]
        rows.append([*row, _percent(min(_gain(result, instructions, None) for result in results))])
    return table([*header, "at best"], rows)


def _percent(change: float) -> str:
    return f"{round(100.0 * change):+d} %".replace("-", "−")


def _verdict(results: list[Result]) -> str:
    """What is faster than plain vectors, and what a kick would gain by it."""
    faster = []
    for loop in LOOPS:
        ratio, by = min(
            (
                program["loops"][loop]["ratio"],
                f"{FORMS[form]} {result['libraries'][form]} by {COMPILERS[key[1]]}, {key[0]}",
            )
            for result in results
            for form in result["libraries"]
            for key, program in _programs(result, form).items()
        )
        if ratio < 1.0 - NOTABLE:
            faster.append(f"{loop} by up to {100.0 * (1.0 - ratio):.0f} % ({by})")
    said = "Nowhere is a library notably faster than plain vectors."
    if faster:
        said = f"Where a library is faster than plain vectors: {listed(faster)}."
    best = min(_gain(result, name, None) for result in results for name in result["kick"])
    return f"{said} The best of every loop would make a kick up to {-100.0 * best:.1f} % shorter."


def _conclusion(results: list[Result], lines: int) -> str:
    gain, name, instructions = min(
        (_gain(result, name, form), f"{FORMS[form]} {result['libraries'][form]}", name)
        for result in results
        for name in result["kick"]
        for form in result["libraries"]
    )
    if gain < -NOTABLE:
        return LEFT.format(name=name, gain=_percent(gain), instructions=instructions)
    return KEPT.format(lines=lines)


def _errors(results: list[Result]) -> str:
    """Largest of every loop, of plain vectors and of the libraries'."""
    words = []
    for loop in LOOPS:
        of_form = {
            form: max(
                program["loops"][loop]["error"]
                for result in results
                for program in _programs(result, form).values()
            )
            for form in FORMS
        }
        words.append(f"{loop} {' / '.join(f'{error:.1e}' for error in of_form.values())}")
    return listed(words)


def _compile_times(result: Result, form: str) -> str:
    """The longest of each compiler."""
    programs = _programs(result, form)
    return " / ".join(
        f"{max(p['compile_seconds'] for key, p in programs.items() if key[1] == compiler):.1f}"
        for compiler in COMPILERS
    )
