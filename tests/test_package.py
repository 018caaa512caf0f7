"""What is built: the wheel works in an empty folder, and the container's steps are make's own."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_wheel_carries_the_model_in_use_and_the_starter_config() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    active = (ROOT / "models" / "ACTIVE").read_text(encoding="utf-8").strip()
    assert f"models/{active}" in carried
    assert {name for name in carried if name.startswith("config/")} == {
        f"config/{path.name}" for path in (ROOT / "config").glob("*.toml")
    }


@pytest.mark.slow
def test_the_container_s_build_step_makes_a_program_that_demonstrates_itself_in_an_empty_folder(tmp_path: Path) -> None:
    (step,) = re.findall(r"^RUN (make .*)$", DOCKERFILE, re.MULTILINE)
    venv = tmp_path / "opt"
    command = step.replace("/opt/monitor", str(venv)).split()
    source = tmp_path / "src"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([*command, f"PYTHON={sys.executable}"], cwd=source, check=True, timeout=900)

    empty = tmp_path / "empty"
    empty.mkdir()

    def monitor(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(empty), "LANG": "C.UTF-8"}
        command = [str(venv / "bin" / "monitor"), *arguments]
        return subprocess.run(
            command, cwd=empty, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    shown = monitor("demo")
    assert shown.returncode == 0, shown.stderr
    assert "var/demo/digest.html" in shown.stdout
    assert "</html>" in (empty / "var/demo/digest.html").read_text(encoding="utf-8")
    for verb in (["init", "config"], ["check"]):
        assert (done := monitor(*verb)).returncode == 0, done.stderr

    # What HEALTHCHECK calls, before any daemon has run: not healthy, in a sentence.
    health = re.search(r'HEALTHCHECK .* CMD \["monitor", (.*)\]', DOCKERFILE)
    assert health is not None
    ill = monitor(*(word.strip('" ') for word in health[1].split(",")))
    assert ill.returncode == 1
    assert "database" in ill.stderr


def test_the_container_s_last_stage_is_pinned_slim_and_not_root() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-\S+", stage) for stage in stages)
    last = DOCKERFILE.rsplit("FROM ", 1)[1]
    assert "slim" in last.splitlines()[0], "a slim image has no compiler"
    assert "apt-get" not in last
    assert re.search(r"^USER monitor$", last, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", last, re.MULTILINE)
