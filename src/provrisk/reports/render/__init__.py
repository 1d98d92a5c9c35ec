"""Pages of parts as HTML, Markdown and PDF."""
