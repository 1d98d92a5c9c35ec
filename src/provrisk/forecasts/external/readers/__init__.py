"""External forecasts, each format a file."""
