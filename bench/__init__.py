"""Measurements beside their yardstick, in one run; results in bench/RESULTS.md."""
