"""Measures the related stocks a research report printed by the report's own rating standard."""
