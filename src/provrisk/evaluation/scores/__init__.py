"""Scores of forecasts: draws, quantiles and single numbers against what was observed."""
