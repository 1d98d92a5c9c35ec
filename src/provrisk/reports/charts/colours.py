"""The colours of charts, maps and tables; apart from what draws, which is slow to import."""

OBSERVED, FORECAST, PAST = "#33415c", "#b5480f", "#8a93a6"  # they differ for colour-blind readers, in print too
SHADES = ("#eef1f5", "#fbe3b5", "#f2a65a", "#b5480f", "#641220")
"""One colour for each level, each darker than the one before."""


def shade_of(step: int, steps: int) -> int:
    """The shade, 0-4, of a level; scales may have more or fewer than five levels."""
    return round(step * (len(SHADES) - 1) / max(steps - 1, 1))


def ink_on(shade: int) -> str:
    """The colour of text that can be read on a shade."""
    return "#ffffff" if shade >= 3 else "#1d2433"
