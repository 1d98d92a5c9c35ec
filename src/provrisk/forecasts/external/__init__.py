"""External forecasts: stored unchanged, read by format."""
