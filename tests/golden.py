"""Golden files: the expected output stands in a file, and a change of it shows in review.

``ERPSYNC_UPDATE_GOLDEN=1 pytest`` writes the files anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check_golden(path: Path, text: str) -> None:
    """Compare a text with a golden file, or write the file if that was asked for."""
    if os.environ.get("ERPSYNC_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()
