"""Trajectories: the H5MD file, readers of other programs' files, and writers."""

from longstride.trajectory.reader import Segment, TrajectoryFile
from longstride.trajectory.segment_writer import SegmentWriter
from longstride.trajectory.writer import TrajectoryWriter

__all__ = ["Segment", "SegmentWriter", "TrajectoryFile", "TrajectoryWriter"]
