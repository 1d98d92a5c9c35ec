"""What a file is, whoever made it: bytes to a table of text."""
