"""Bureau of National Statistics: a module a dataset."""
