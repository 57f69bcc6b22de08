"""Plots of one curve each: ``plot_*(curve, ax=None)`` draws on the axes and returns them.

Curves of one figure are drawn on the same axes one after another. The references are one line,
their mean, in a band of two standard errors or of the spread between them, whichever is wider; the
surrogate is a thin line on top, or points with two standard errors.
"""

from longstride.report.plots.dynamics import plot_dispersion, plot_msd, plot_vacf, plot_vdos
from longstride.report.plots.energies import (
    plot_equipartition,
    plot_nve_kinetic,
    plot_nve_total,
    plot_temperature,
)
from longstride.report.plots.marks import band, plot_difference
from longstride.report.plots.programs import plot_speed
from longstride.report.plots.strides import (
    plot_horizon,
    plot_horizon_limit,
    plot_parity_d,
    plot_parity_w,
    plot_residual,
    plot_stage_error_d,
    plot_stage_error_w,
)
from longstride.report.plots.structure import (
    plot_adf,
    plot_cna,
    plot_cna_difference,
    plot_rdf,
    plot_structure_factor,
)

__all__ = [
    "band",
    "plot_adf",
    "plot_cna",
    "plot_cna_difference",
    "plot_difference",
    "plot_dispersion",
    "plot_equipartition",
    "plot_horizon",
    "plot_horizon_limit",
    "plot_msd",
    "plot_nve_kinetic",
    "plot_nve_total",
    "plot_parity_d",
    "plot_parity_w",
    "plot_rdf",
    "plot_residual",
    "plot_speed",
    "plot_stage_error_d",
    "plot_stage_error_w",
    "plot_structure_factor",
    "plot_temperature",
    "plot_vacf",
    "plot_vdos",
]
