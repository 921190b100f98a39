"""From data sets to a model file."""
