"""Whose a file is: the sources of events, each a reader, and the registry that recognises them."""
