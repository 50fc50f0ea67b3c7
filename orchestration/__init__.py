"""Dagster, thin: it wires and observes, it computes nothing."""
