"""The contract between training and reading, and the model file that keeps it."""
