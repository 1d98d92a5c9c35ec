"""The analyst's foreword, from ``features/STUDY/foreword.md``: only paragraphs and lists."""

import re

from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Block, Items, Part, Text
from provrisk.reports.language import say, speech

POINT = re.compile(r"^[-*+]\s+")


def part(content: BulletinContent) -> Part | None:
    """The foreword in the current language, if there is one."""
    text = content.foreword.get(speech().code, "")
    blocks = [block for paragraph in re.split(r"\n\s*\n", text) if (block := _block(paragraph.strip()))]
    return Part(key="foreword", title=say("Foreword"), blocks=tuple(blocks)) if blocks else None


def _block(paragraph: str) -> Block | None:
    lines = [line.strip().lstrip("#").strip() for line in paragraph.splitlines() if line.strip()]
    if not lines:
        return None
    if all(POINT.match(line) for line in lines):
        return Items(items=tuple(POINT.sub("", line) for line in lines))
    return Text(words=" ".join(lines))
