"""Commands killed at random moments: what they leave, and whether they go on to the same bits."""
