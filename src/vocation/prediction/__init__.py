"""From a finished model to predictions; used by evaluation, delivery and serving."""
