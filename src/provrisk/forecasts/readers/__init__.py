"""Readers of external forecasts, one module for each format."""
