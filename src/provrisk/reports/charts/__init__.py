"""Charts and maps as SVG or PNG."""
