"""Monthly forecasts of insurgent attacks by province, risk scores, and a bulletin that checks itself."""

METHOD_VERSION = "1"
"""Raised whenever a change of method moves published numbers; every bulletin prints it."""
