"""Datasets of the Ministry of Labour and Social Protection of the Population: each module one dataset."""
