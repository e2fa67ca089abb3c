"""The tuning stage: a model learns its task."""
