"""Learned evolution operators for molecular dynamics of metals."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("longstride")
except PackageNotFoundError:  # a source folder on the path, never installed
    __version__ = "0+unknown"
