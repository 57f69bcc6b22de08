"""FlashMD beside longstride: the same data, the same core-minutes, the same judge and clock."""
