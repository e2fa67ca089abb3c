"""The evaluation stage: answers of the model beside those of a cheap baseline, with intervals, and the report."""
