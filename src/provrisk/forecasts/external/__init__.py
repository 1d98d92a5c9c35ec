"""External forecasts: stored as they came, read by format."""
