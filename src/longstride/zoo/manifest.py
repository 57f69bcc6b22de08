"""The files of a model on their way to someone else, each with its SHA-256."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.zoo.catalogue import CARD, DESCRIPTION, WEIGHTS

MANIFEST: Final = "sha256.json"

BLOCK: Final = 1 << 20
"""Bytes read at once for a checksum."""

Name = Literal["model.json", "model.safetensors", "card.md"]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """Checksums of the files of a model; no other file is ever taken along.

    Attributes:
        schema_: version of the layout.
        files: SHA-256 by file name, description and weights at least.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal[1] = Field(1, alias="schema")
    files: dict[Name, Digest]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in (DESCRIPTION, WEIGHTS):
            if name not in self.files:
                raise ValueError(f"{name} is not listed")
        return self

    @classmethod
    def of_folder(cls, folder: Path) -> "Manifest":
        """The checksums of a model folder."""
        names = (DESCRIPTION, WEIGHTS, CARD)
        present = [name for name in names if (folder / name).is_file()]
        return cls.model_validate({"files": {name: file_digest(folder / name) for name in present}})

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest.

        Raises:
            FileFormatError: missing, no JSON, or no manifest.
        """
        try:
            return cls.model_validate(read_json(path, "the checksums"))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise FileFormatError(f"{path}: {where}: {first['msg']}") from None

    def text(self) -> str:
        """As JSON."""
        return json.dumps(self.model_dump(by_alias=True), indent=2) + "\n"

    def require(self, folder: Path) -> None:
        """Compare the files of a folder with their checksums.

        Raises:
            FileFormatError: one is missing or differs.
        """
        for name, digest in self.files.items():
            path = folder / name
            if not path.is_file():
                raise FileFormatError(f"{name}: missing; ask for it again, or whoever pushed it")
            found = file_digest(path)
            if found != digest:
                raise FileFormatError(
                    f"{name}: SHA-256 {found[:12]}… where {digest[:12]}… was promised: damaged on "
                    "its way or exchanged; it was not used"
                )


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
