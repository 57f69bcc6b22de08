"""Other programs that host the surrogate, one package each."""
