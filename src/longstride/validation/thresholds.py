"""The thresholds of the checks: packaged, and changed by a file of the user's."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, ValidationError

from longstride.documents import read_yaml
from longstride.errors import ConfigError
from longstride.validation.results import Check


class Rule(BaseModel):
    """When a check passes: ``|value| <= max(factor * noise floor, tolerance * scale)``.

    Attributes:
        factor: noise floors that a deviation may have.
        tolerance: what passes whatever the noise, in units of the check's scale.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    factor: NonNegativeFloat
    tolerance: NonNegativeFloat

    def limit(self, noise_floor: float | None, scale: float = 1.0) -> float:
        """The largest value that passes."""
        return max(self.factor * (noise_floor or 0.0), self.tolerance * scale)


class Thresholds(BaseModel):
    """The rule of every check, by its dotted name without a condition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Mapping[str, Rule]

    def judge(
        self,
        stem: str,
        condition: str,
        value: float,
        unit: str,
        noise_floor: float | None,
        *,
        scale: float = 1.0,
        detail: str = "",
    ) -> Check:
        """A check named ``stem[condition]`` with its verdict."""
        limit = self.rules[stem].limit(noise_floor, scale)
        return Check(
            name=f"{stem}[{condition}]",
            value=value,
            unit=unit,
            noise_floor=noise_floor,
            threshold=limit,
            passed=abs(value) <= limit,
            detail=detail,
        )


def packaged_thresholds() -> Thresholds:
    """The rules that come with the package."""
    text = (files("longstride.validation") / "thresholds.yaml").read_text(encoding="utf-8")
    return Thresholds(rules=yaml.safe_load(text))


def load_thresholds(path: Path) -> Thresholds:
    """The packaged rules, changed by a YAML file of some of them.

    Raises:
        ConfigError: missing file, wrong YAML, an unknown check, or a wrong number.
    """
    rules = dict(packaged_thresholds().rules)
    for name, changes in _content(path).items():
        if name not in rules:
            near = get_close_matches(str(name), rules, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(rules)}"
            raise ConfigError(f"{path}: no check is called '{name}'{hint}")
        if not isinstance(changes, dict):
            raise ConfigError(f"{path}: {name}: give factor and tolerance, as in {{factor: 4}}")
        try:
            rules[name] = Rule.model_validate({**rules[name].model_dump(), **changes})
        except (ValidationError, TypeError) as error:
            raise ConfigError(f"{path}: {name}: {_first_problem(error)}") from None
    return Thresholds(rules=rules)


def _content(path: Path) -> dict[Any, Any]:
    content = read_yaml(path, "the thresholds", ConfigError)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: thresholds are a mapping of checks to factor and tolerance")
    return content


def _first_problem(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "give factor and tolerance, as in {factor: 4}"
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"no entry '{where}'; there are factor and tolerance"
    return f"{where}: {first['msg']}, not {first['input']!r}"
