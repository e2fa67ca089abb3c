"""The corpus stage: raw files to clean, deduplicated, split records."""
