"""Scripts for maintainers: they write the recorded files from the figures in tools/figures/."""
