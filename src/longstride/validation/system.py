"""What a model is shown on: the lattice of its element, the reference program of its potential."""

from ase.data import chemical_symbols, reference_states

from longstride.errors import ConfigError
from longstride.reference import LammpsSettings

PAIR_STYLES = {
    (".eam.alloy",): "eam/alloy",
    (".eam.fs",): "eam/fs",
    (".eam",): "eam",
    (".snapcoeff", ".snapparam"): "snap",
}
"""LAMMPS pair styles by the endings of a potential's files, in the order of ``pair_coeff``."""

CUBIC = ("fcc", "bcc", "diamond")
"""Lattices that an element is enough for."""


def reference_settings(
    potentials: tuple[str, ...], species: tuple[int, ...], ranks: int
) -> LammpsSettings:
    """LAMMPS with the potential a model was trained on.

    Args:
        potentials: those the model states; the files of one are joined by commas.
        species: atomic numbers, in the order of the model.
        ranks: MPI processes.

    Raises:
        ConfigError: the model states no potential, several, or one whose pair style is not known
            from the names of its files.
    """
    if len(potentials) != 1:
        raise ConfigError(
            f"the model states {'; '.join(potentials) or 'no potential'}: a side-by-side run needs"
            " a model trained on one potential"
        )
    files = tuple(name.strip() for name in potentials[0].split(","))
    return LammpsSettings(
        pair_style=_pair_style(files),
        potential=files,
        elements=tuple(chemical_symbols[number] for number in species),
        ranks=ranks,
    )


def _pair_style(files: tuple[str, ...]) -> str:
    """The style whose files have these endings, in this order."""
    for endings, style in PAIR_STYLES.items():
        if len(files) == len(endings) and all(map(str.endswith, files, endings)):
            return style
    known = ", ".join(" with ".join(endings) for endings in PAIR_STYLES)
    raise ConfigError(
        f"potential {', '.join(files)}: its LAMMPS pair style is not known; side-by-side runs know"
        f" {known}"
    )


def lattice_of(species: tuple[int, ...]) -> str:
    """The cubic lattice of an element at room temperature.

    Raises:
        ConfigError: several elements, or an element that is not fcc, bcc or diamond.
    """
    symbols = ", ".join(chemical_symbols[number] for number in species)
    known = reference_states[species[0]] or {}
    if len(species) != 1 or known.get("symmetry") not in CUBIC:
        raise ConfigError(
            f"model for {symbols}: its card does not tell how its crystal is made, and without that"
            " only those of one fcc, bcc or diamond element are built; 'longstride validate"
            " --recipe RECIPE' takes the structure of any recipe"
        )
    return str(known["symmetry"])
