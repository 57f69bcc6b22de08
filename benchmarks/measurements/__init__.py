"""The measurements behind docs/accuracy.md and docs/maps.md, one module each."""
