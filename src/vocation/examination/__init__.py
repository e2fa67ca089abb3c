"""The examination: what is worth knowing of a corpus before anything is trained on it."""
