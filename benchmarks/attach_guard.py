"""Give a trained model a guard, from the data it was trained on, and leave its weights as they are.

    python benchmarks/attach_guard.py MODEL DATA... [--also FILE]

MODEL is a folder with ``model.json``, or the name of a shipped model; DATA are the files that its
recipe names. FILE is more data of the same potential, never trained on, to calibrate on too: other
conditions inside the regime. Everything else that the checkpoint holds stays. A ``card.md`` beside
the model is written anew. Where the model has a guard already, it is measured again.
"""

import argparse
from contextlib import ExitStack
from pathlib import Path

import ship
import torch

from longstride.dataset import Block, SplitConfig, TrajectorySet, split_segments
from longstride.kernels import compile_features
from longstride.model import (
    KickDriftMap,
    build_model,
    load_checkpoint,
    read_card,
    save_checkpoint,
)
from longstride.training.novelty_fit import fit_guard
from longstride.zoo import resolve


def attach(folder: Path, data: list[Path], also: list[Path]) -> None:
    """Fit the guard of the model in ``folder`` and write it back."""
    description = read_card(folder)
    recipe = description["training"]["recipe"]
    old = load_checkpoint(folder)
    model = build_model(old.config.model_copy(update={"guard": True}))
    model.load_state_dict(old.state_dict(), strict=False)
    assert isinstance(model, KickDriftMap), "the guard reads the features of a kicks map"
    compile_features(model.eval(), torch.get_num_threads())
    with ExitStack() as stack:
        files = stack.enter_context(TrajectorySet(data))
        known = description["training"]["provenance"]["data"]
        if sorted(files.sha256().values()) != sorted(known.values()):
            raise SystemExit(f"{folder}: was trained on other data: the checksums differ")
        split = SplitConfig.model_validate(recipe["data"]["split"])
        training, validation = split_segments(files.segments, split)
        if also:
            more = stack.enter_context(TrajectorySet(also))
            validation += [Block(segment, 0, segment.n_frames) for segment in more.segments]
            named = {Path(name).name: value for name, value in more.sha256().items()}
            description["training"]["provenance"]["guard_data"] = named
        inside = set(description["regime"]["temperatures"])
        limits = fit_guard(model, training, validation, inside)
    recipe["model"]["guard"] = True
    added = {"guard": limits.model_dump(mode="json")}
    rest = {k: v for k, v in description.items() if k not in ("schema", "config")}
    save_checkpoint(folder, model, {**rest, **added})
    text = folder / "card.md"
    if text.exists():
        whole = text.read_text(encoding="utf-8")
        text.write_text(ship.with_guard(whole, added["guard"]), encoding="utf-8")
    print(f"{folder}: {ship.guard_in_words(added['guard'])}")


def main() -> None:
    """Parse and attach."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model")
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--also", type=Path, action="append", default=[])
    given = parser.parse_args()
    attach(resolve(given.model), given.data, given.also)


if __name__ == "__main__":
    main()
