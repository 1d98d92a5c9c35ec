"""Write docs/bulletin.schema.json, the JSON Schema of bulletin.json, from the document's own types."""

import json
from pathlib import Path

from provrisk.reports.document import Stored

schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Stored.model_json_schema(mode="serialization")}
Path(__file__).with_name("bulletin.schema.json").write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")
