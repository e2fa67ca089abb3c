"""The report: one HTML page that holds all the evidence of a run, and asks nothing of any server."""
