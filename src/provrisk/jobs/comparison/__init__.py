"""The comparison job: collect what is stored, compare it, write the page."""
