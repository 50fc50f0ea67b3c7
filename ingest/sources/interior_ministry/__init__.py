"""Datasets of the Ministry of Internal Affairs: each module one dataset."""
