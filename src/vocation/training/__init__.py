"""The training engine: loop, batches, optimiser, schedule, checkpoints. It knows nothing of tasks or files."""
