"""The tables that commands print, one module for each subject."""
