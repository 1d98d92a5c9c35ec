"""The bulletin: its content, its parts, and the issues on disk."""
