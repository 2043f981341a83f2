"""What the API says of itself is committed, for whoever programs against it: docs/openapi.json."""

import json
import os
from pathlib import Path

KEPT = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_description_is_the_one_that_is_committed(stranger):
    now = stranger.get("/api/v1/openapi.json").json
    if os.environ.get("WRITE_GOLDEN"):
        KEPT.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert now["paths"].keys() == kept["paths"].keys(), "If it is meant: make golden."
    for path, operations in now["paths"].items():
        assert operations == kept["paths"][path], f"{path}. If it is meant: make golden."
    assert now == kept, "If it is meant: make golden, and read what it changes."
