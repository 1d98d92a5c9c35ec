"""Runs tutorial.ipynb and stores it with its outputs, so that it can be read where notebooks are only shown.

python docs/make_tutorial.py
"""

import re
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).with_name("tutorial.ipynb")
LINES = 40
"""Of a text output, the lines that are kept."""

if __name__ == "__main__":
    book = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as scratch:
        NotebookClient(book, timeout=600, resources={"metadata": {"path": scratch}}).execute()
    temporary = re.compile(rf"{re.escape(tempfile.gettempdir())}/\w+")
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # when it ran is nobody's business
        for output in cell.get("outputs", ()):
            output.pop("metadata", None) if output.output_type == "stream" else None
            if output.output_type == "stream":
                output.text = "\n".join(temporary.sub("(a temporary folder)", output.text).splitlines()[:LINES])
            for kind, content in output.get("data", {}).items():
                if isinstance(content, str) and kind.startswith("text"):
                    output.data[kind] = temporary.sub("(a temporary folder)", content)
    nbformat.write(book, NOTEBOOK)
