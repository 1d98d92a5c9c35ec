"""A new study: made from files, checked, provinces merged."""
