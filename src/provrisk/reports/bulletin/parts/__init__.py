"""The parts of the bulletin, each a file."""
