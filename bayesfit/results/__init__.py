"""What is kept of a fit: a DataTree that ArviZ takes, a record of data and model, and one file."""
