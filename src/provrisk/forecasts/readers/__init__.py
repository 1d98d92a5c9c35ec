"""Other people's forecasts, each format a file."""
