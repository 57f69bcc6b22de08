"""Trajectories: the H5MD file, readers of other programs' files, and writers."""

from longstride.trajectory.ase_atoms import fault_of_atoms, state_of_atoms
from longstride.trajectory.conversion import convert_trajectory
from longstride.trajectory.extxyz_writer import write_extxyz
from longstride.trajectory.importing import ImportOptions, import_trajectories
from longstride.trajectory.reader import Segment, TrajectoryFile
from longstride.trajectory.segment_import import ImportedSegment
from longstride.trajectory.segment_writer import SegmentWriter
from longstride.trajectory.state_segment import segment_of
from longstride.trajectory.structure import read_structure
from longstride.trajectory.writer import TrajectoryWriter

__all__ = [
    "ImportOptions",
    "ImportedSegment",
    "Segment",
    "SegmentWriter",
    "TrajectoryFile",
    "TrajectoryWriter",
    "convert_trajectory",
    "fault_of_atoms",
    "import_trajectories",
    "read_structure",
    "segment_of",
    "state_of_atoms",
    "write_extxyz",
]
