"""Learned evolution operators for molecular dynamics of metals."""

__version__ = "0.1.0"
