"""Border Service of the National Security Committee: each module one dataset."""
