"""The report: figures and one self-contained page, from ``results.json`` and arrays."""

from longstride.report.page import REPORT_NAME, write_report

__all__ = ["REPORT_NAME", "write_report"]
