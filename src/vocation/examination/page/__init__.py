"""The data page: one HTML page with all that is worth knowing of a corpus before training."""
