"""What computes on a processor in place of torch's own operations, where those are slow: the same results, sooner."""
