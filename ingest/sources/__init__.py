"""One folder an agency, one module a dataset."""
