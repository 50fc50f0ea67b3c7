"""The register of policy events that this project keeps by hand: each module one dataset."""
