"""Backtests: origins, fitted recipes, and the blocks of forecasts they give."""
