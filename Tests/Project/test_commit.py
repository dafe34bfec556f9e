"""Which commit a release says that it was built from."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NOTICE = (
    "commit.sh: notice: there is no git repository here and POINTSMAN_COMMIT is not set: "
    "--version will say that the commit is unknown\n"
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Sources without a repository, inside of somebody else's."""
    sources = tmp_path / "sources"
    (sources / "scripts").mkdir(parents=True)
    for name in ("commit.sh", "need.sh"):
        shutil.copy(SCRIPTS / name, sources / "scripts")
    git(tmp_path, "init", "--quiet")
    return sources


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit_of(sources: Path, **environment: str) -> tuple[int, str, str]:
    own = {name: value for name, value in os.environ.items() if name != "POINTSMAN_COMMIT"}
    command = [sources / "scripts/commit.sh"]
    ended = subprocess.run(command, env=own | environment, capture_output=True, text=True)
    return ended.returncode, ended.stdout, ended.stderr


def test_it_is_12_digits_and_whether_files_were_changed(sources: Path):
    git(sources, "init", "--quiet")
    git(sources, "add", ".")
    git(sources, "commit", "--quiet", "--message", "x")
    git(sources, "tag", "v1.0.0")
    commit = git(sources, "rev-parse", "HEAD")[:12]
    assert commit_of(sources) == (0, f"{commit}\n", "")
    (sources / "untracked").touch()
    assert commit_of(sources) == (0, f"{commit}\n", "")
    with (sources / "scripts/commit.sh").open("a") as script:
        script.write("# changed\n")
    assert commit_of(sources) == (0, f"{commit}-dirty\n", "")


def test_sources_without_a_repository_say_so(sources: Path):
    assert commit_of(sources) == (0, "", NOTICE)
    assert commit_of(sources, POINTSMAN_COMMIT="0123456789ab") == (0, "0123456789ab\n", "")


def test_a_repository_that_git_cannot_read_is_an_error(sources: Path):
    (sources / ".git").write_text("gitdir: /nowhere\n")
    status, commit, said = commit_of(sources)
    assert status != 0
    assert not commit
    assert "not a git repository: /nowhere" in said
