"""Models on the Hugging Face hub: pushed with their checksums, and used only where these hold.

A model is a folder of a repository with the files of a checkpoint and ``sha256.json``. Nothing else
is asked for, so nothing that can hold code is ever fetched. The checksums of a repository tell
damage, not who made it; whoever has the checksum of a model from elsewhere gives it too.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from longstride.errors import ConfigError, FileFormatError
from longstride.zoo.catalogue import model_checksum
from longstride.zoo.manifest import MANIFEST, Manifest
from longstride.zoo.summary import summarise

PLACE: Final = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)/(?P<name>[A-Za-z0-9][\w.-]*)")


class HubApi(Protocol):
    """What is used of ``huggingface_hub.HfApi``."""

    def hf_hub_download(
        self, repo_id: str, filename: str, *, revision: str | None, local_dir: str
    ) -> str:
        """Bring a file of a repository below a folder; returns its path."""

    def create_repo(self, repo_id: str, *, exist_ok: bool) -> Any:
        """Make a repository."""

    def upload_folder(
        self, *, repo_id: str, folder_path: str, path_in_repo: str, commit_message: str
    ) -> Any:
        """Commit the files of a folder."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model lies.

    Attributes:
        repository: owner and name.
        name: of the model, its folder there.
    """

    repository: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Place":
        """From ``OWNER/REPOSITORY/NAME``.

        Raises:
            ConfigError: anything else.
        """
        found = PLACE.fullmatch(text)
        if found is None:
            raise ConfigError(f"'{text}': write OWNER/REPOSITORY/NAME, as in lab/metals/al")
        return cls(found["repository"], found["name"])


def connect() -> HubApi:
    """The hub, with the access that its own client was given.

    Raises:
        ConfigError: its package is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise ConfigError(
            "the hub needs a package of its own: pip install 'longstride[hub]'"
        ) from None
    api: HubApi = HfApi()
    return api


def push_model(api: HubApi, folder: Path, place: Place) -> str:
    """Commit a model with its checksums.

    Args:
        api: the hub.
        folder: of the model.
        place: where; an older model there is replaced, and stays in the history.

    Returns:
        The checksum of the model, for those who pull it.

    Raises:
        FileFormatError: the hub refuses, or cannot be reached.
    """
    manifest = Manifest.of_folder(folder)
    with tempfile.TemporaryDirectory() as work:
        staged = Path(work) / place.name
        staged.mkdir()
        for name in manifest.files:
            shutil.copyfile(folder / name, staged / name)
        (staged / MANIFEST).write_text(manifest.text(), encoding="utf-8")
        with _speaking(place.repository):
            api.create_repo(place.repository, exist_ok=True)
            api.upload_folder(
                repo_id=place.repository,
                folder_path=str(staged),
                path_in_repo=place.name,
                commit_message=f"{place.name} by longstride",
            )
    return model_checksum(folder)


def pull_model(
    api: HubApi, place: Place, folder: Path, *, revision: str | None, checksum: str | None
) -> str:
    """Fetch a model, and give it its folder once its checksums hold.

    Args:
        api: the hub.
        place: where it lies.
        folder: to make.
        revision: branch, tag or commit; None for the newest.
        checksum: of the model, as ``push_model`` returned it; None takes what the repository says.

    Returns:
        The checksum of the model.

    Raises:
        ConfigError: the folder exists.
        FileFormatError: the hub refuses, a checksum does not hold, or what is there is no model; no
            folder is made.
    """
    if folder.exists():
        raise ConfigError(f"{folder}: exists; remove it, or choose another name with --output")
    if not folder.parent.is_dir():
        raise ConfigError(f"{folder}: folder {folder.parent} does not exist; make it first")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as work:
        fetched = Path(work)

        def fetch(name: str) -> None:
            with _speaking(place.repository):
                api.hf_hub_download(
                    place.repository,
                    f"{place.name}/{name}",
                    revision=revision,
                    local_dir=str(fetched),
                )

        fetch(MANIFEST)
        manifest = Manifest.read(fetched / place.name / MANIFEST)
        for name in manifest.files:
            fetch(name)
        model = fetched / place.name
        manifest.require(model)
        summarise(model)
        found = model_checksum(model)
        if checksum is not None and checksum != found:
            raise FileFormatError(
                f"{place.repository}/{place.name}: the model there has the checksum {found}, not "
                f"{checksum}; it was not used"
            )
        whole = fetched / "whole"
        whole.mkdir()
        for name in manifest.files:
            os.replace(model / name, whole / name)
        os.replace(whole, folder)
    return found


@contextmanager
def _speaking(repository: str) -> Iterator[None]:
    """What the hub's client raises is one line."""
    try:
        yield
    except Exception as error:  # its own errors are of many kinds, and change
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FileFormatError(f"hub, {repository}: {reason}") from None
