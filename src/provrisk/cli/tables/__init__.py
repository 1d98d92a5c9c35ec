"""The tables that commands print, one subject a file."""
