"""Datasets of the United Nations Department of Economic and Social Affairs: each module one dataset."""
