"""The times of imported frames, evenly spaced: from what the file says, or what the user says."""

from pathlib import Path
from typing import Final

from longstride.errors import FileFormatError
from longstride.trajectory.frames import SourceFrame, frame_name

TOLERANCE: Final = 1e-3
"""How uneven printed times may be, in units of the interval: files round them."""


class Clock:
    """Finds the interval between the frames of one file and checks that it stays the same.

    Times come from the file's own times, else from its step counts and ``timestep``, else from
    ``interval`` alone.

    Args:
        path: the file, for messages.
        first: frame 0.
        second: frame 1.
        timestep: MD time step in fs, for files with step counts.
        interval: time between frames in fs, for files without times.

    Raises:
        FileFormatError: no time at all, contradicting statements, or frames that do not advance.
    """

    def __init__(
        self,
        path: Path,
        first: SourceFrame,
        second: SourceFrame,
        timestep: float | None,
        interval: float | None,
    ) -> None:
        self._path = path
        self._timestep = timestep
        self._last = first
        self._steps = (
            None if first.step is None or second.step is None else second.step - first.step
        )
        start = self._stated(first)
        stated = None if start is None else self._advance(second, start)
        self.interval: float = self._choose(second, stated, interval)
        self.start = 0.0 if start is None else start

    def _choose(self, second: SourceFrame, stated: float | None, interval: float | None) -> float:
        where = frame_name(self._path, second.number, second.step)
        if stated is not None and stated <= 0.0:
            raise FileFormatError(
                f"{where}: {stated:g} fs after the frame before; remove the repeated frames"
            )
        if stated is not None and interval is not None:
            if abs(stated - interval) > TOLERANCE * interval:
                raise FileFormatError(
                    f"{where}: {stated:g} fs after the frame before, but --interval says "
                    f"{interval:g} fs; leave --interval out"
                )
            return interval
        if stated is not None:
            self._check_timestep(where, stated)
            # A difference of printed times: what is beyond the ninth digit is rounding.
            return float(f"{stated:.9g}")
        if self._steps is not None and self._steps <= 0:
            raise FileFormatError(
                f"{where}: {self._steps} steps after the frame before; remove the repeated frames"
            )
        if interval is not None:
            return interval
        way_out = "--interval FS (time between frames)"
        if self._steps is not None:
            way_out = "--timestep FS (the MD time step)"
        raise FileFormatError(f"{self._path}: has no times; give {way_out}")

    def _check_timestep(self, where: str, stated: float) -> None:
        if self._timestep is None or self._steps is None:
            return
        counted = self._steps * self._timestep
        if abs(counted - stated) > TOLERANCE * abs(stated):
            raise FileFormatError(
                f"{where}: the file says {stated:g} fs since the frame before, "
                f"{self._steps} steps of --timestep {self._timestep:g} make {counted:g} fs; "
                "leave --timestep out"
            )

    def _stated(self, frame: SourceFrame) -> float | None:
        if frame.time is not None:
            return frame.time
        if frame.step is not None and self._timestep is not None:
            return frame.step * self._timestep
        return None

    def _advance(self, frame: SourceFrame, before: float) -> float:
        now = self._stated(frame)
        if now is None:
            raise FileFormatError(
                f"{frame_name(self._path, frame.number, frame.step)}: has no time, the frames "
                "before have; remove it"
            )
        return now - before

    def time_of(self, frame: SourceFrame) -> float:
        """Time of a frame in fs; frames are passed in order.

        Raises:
            FileFormatError: it does not come one interval after the frame before.
        """
        before, self._last = self._last, frame
        if frame.number > 0:
            spacing = self._spacing(before, frame)
            if abs(spacing - self.interval) > TOLERANCE * self.interval:
                raise FileFormatError(
                    f"{frame_name(self._path, frame.number, frame.step)}: {spacing:g} fs after "
                    f"the frame before, the others are {self.interval:g} fs apart; split the file "
                    "there or write frames at even intervals"
                )
        return self.start + frame.number * self.interval

    def _spacing(self, before: SourceFrame, frame: SourceFrame) -> float:
        """Time between two frames in fs, as well as the file tells."""
        stated = self._stated(before)
        if stated is not None:
            return self._advance(frame, stated)
        if self._steps is not None and frame.step is not None and before.step is not None:
            return self.interval * (frame.step - before.step) / self._steps
        return self.interval
