"""The validation suite: evidence made or read, judged at every temperature, and written down."""

from longstride.validation.suite.run import (
    PARTS_NAME,
    FileOfReference,
    Request,
    require_temperatures,
    validate_model,
    validate_rollout,
)
from longstride.validation.suite.settings import SuiteSettings, usual_temperatures

__all__ = [
    "PARTS_NAME",
    "FileOfReference",
    "Request",
    "SuiteSettings",
    "require_temperatures",
    "usual_temperatures",
    "validate_model",
    "validate_rollout",
]
