"""Writes requirements.lock and tests/requirements.lock: all platforms, with hashes, no index address."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Pinned for all supported Pythons and platforms by `make lock`; pip checks the hashes.\n"


def lock(target: str, *options: str) -> None:
    """Compile the project's requirements into ``target``."""
    compile_ = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--upgrade",
    ]
    plain = ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--python-version", "3.11"]
    done = subprocess.run(
        [*compile_, *plain, *options, "pyproject.toml"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("--")]
    (ROOT / target).write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock("requirements.lock", "--group", "build")
    lock("tests/requirements.lock", "--group", "build", "--group", "dev", "--constraint", "requirements.lock")
