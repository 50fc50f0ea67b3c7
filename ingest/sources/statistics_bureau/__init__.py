"""Bureau of National Statistics: each module one dataset."""
