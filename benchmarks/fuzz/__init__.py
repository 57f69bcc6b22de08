"""Hostile input: mutators of valid files, and a campaign that feeds the results to every reader."""
