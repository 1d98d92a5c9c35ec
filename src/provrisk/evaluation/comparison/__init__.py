"""Forecasts compared: rankings, pairs, one month, and how sure a difference is."""
