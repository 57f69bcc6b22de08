"""What a model is made of: everything needed to build an untrained one."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from longstride.graph import FAR
from longstride.model.blocks import checked_block

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class NetworkConfig(BaseModel):
    """Size of the message-passing attention network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    radial: int = Field(8, ge=2, le=32, description="number of radial functions")
    hidden: int = Field(64, ge=4, le=4096, description="width of the perceptrons")
    bound: Literal["inputs", "hidden"] = Field(
        "inputs",
        description="what is softly bounded: the whitened invariants, or the sums of the first "
        "layer, which then is one matrix with the whitening (kicks map)",
    )
    attention: bool = Field(True, description="attention messages between atoms; off: moments only")
    heads: int = Field(4, ge=1, le=64, description="attention heads")
    key: int = Field(4, ge=1, le=256, description="key and query channels per head")
    value: int = Field(8, ge=1, le=256, description="message channels, shared by the heads")


class ModelConfig(BaseModel):
    """A stride map: which kind, over which times, for which atoms.

    ``map: kicks`` is the palindromic kick-drift map, whose kicks are gradients of learned scalars;
    its stage times are where output inside the stride is given. ``map: staged`` is the free staged
    map, which computes its features anew at each stage time; with one stage it is the plain
    message-passing surrogate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: Literal["kicks", "staged"] = "kicks"
    stage_times: tuple[Positive, ...] = Field(
        (20.0, 30.0, 40.0, 60.0),
        min_length=1,
        max_length=64,
        description="times of the stages in fs; the last is the stride",
    )
    species: tuple[Annotated[int, Field(ge=1, le=118)], ...] = Field(
        min_length=1, description="atomic numbers"
    )
    masses: tuple[Positive, ...] = Field(min_length=1, description="mass of each species in amu")
    cutoff: Positive = Field(5.3, lt=FAR, description="radius of the neighbourhood in Å")
    inner: Positive = Field(2.0, description="centre of the innermost radial function in Å")
    substeps: int = Field(2, ge=1, le=8, description="equal palindromes a stride (kicks map)")
    kicks: int = Field(2, ge=1, le=8, description="kick evaluations a palindrome (kicks map)")
    network: NetworkConfig = NetworkConfig()
    energy_head: bool = Field(
        False,
        description="read energy and stress from the features of the kicks, fitted after training "
        "to those in the data (kicks map)",
    )
    guard: bool = Field(
        False,
        description="tell how unlike the training data every neighbourhood is, measured and "
        "calibrated after training (kicks map)",
    )

    @classmethod
    def of_card(cls, card: Mapping[str, Any], where: str) -> "ModelConfig":
        """The configuration in a checkpoint's card.

        Raises:
            FileFormatError: the card has none, or one that this version does not know.
        """
        return checked_block(cls, card, "config", where)

    @property
    def stride(self) -> float:
        """Time one application covers, in fs."""
        return self.stage_times[-1]

    @property
    def has_compiled_form(self) -> bool:
        """Whether the kernel in C++ computes it: kicks without attention, hidden sums bounded."""
        network = self.network
        return self.map == "kicks" and not network.attention and network.bound == "hidden"

    @property
    def substep_times(self) -> tuple[float, ...]:
        """Times in fs where the substeps of the kicks map end."""
        return tuple(self.stride * (k + 1) / self.substeps for k in range(self.substeps))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(b <= a for a, b in zip(self.stage_times, self.stage_times[1:], strict=False)):
            raise ValueError(f"stage_times must increase, got {list(self.stage_times)}")
        if len(self.masses) != len(self.species):
            raise ValueError(
                f"{len(self.masses)} masses for {len(self.species)} species: give one each"
            )
        if len(set(self.species)) != len(self.species):
            raise ValueError(f"species {list(self.species)} names one twice")
        if self.inner >= self.cutoff:
            raise ValueError(f"inner {self.inner} Å must be smaller than cutoff {self.cutoff} Å")
        if self.energy_head and self.map != "kicks":
            raise ValueError("energy_head goes with map: kicks, whose features it reads")
        if self.guard and self.map != "kicks":
            raise ValueError("guard goes with map: kicks, whose features it reads")
        if self.map == "kicks":
            missing = [
                end
                for end in self.substep_times
                if min(abs(end - time) for time in self.stage_times) > 1e-6
            ]
            if missing:
                raise ValueError(
                    f"stage_times {list(self.stage_times)} lack {missing[0]:g} fs, the end of "
                    f"one of {self.substeps} substeps: add it, or change substeps"
                )
        return self
