"""Every command of every page is run: as it stands, or by stand-ins where it says what it needs."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
import zipfile
from pathlib import Path

import pytest

from page import COMMANDS, OWN_TERMINAL, PAGES, ROOT, Block, Page, page
from site_under_test import Site
from stand_in import COMMANDS as STAND_INS
from tool import PATIENCE, Running

COLUMNS = 80
MADE_UP = re.compile(r"(?:dry-run-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What is another each time that a session is typed."""
WRITES = os.environ.get("POINTSMAN_GOLDEN") == "write"
"""Whether what sessions show is written anew into the pages."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@functools.cache
def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


FROM_NOTHING = page("quick-start")
"""The page whose reader has neither the tool nor the sources, and installs what a release has."""


class Release:
    """The files of a release on a web server: what a reader downloads."""

    def __init__(self, folder: Path, tool: Path, bootstrap: Path):
        machine = platform.machine().replace("aarch64", "arm64")
        names = {f"pointsman-linux-{name}": tool for name in ("x86_64", machine)}
        for name, program in names.items():
            (folder / name).symlink_to(program)
        zipped = folder / f"pointsman-{machine}.zip"
        with zipfile.ZipFile(zipped, "w") as file:
            file.write(bootstrap, "bootstrap")
        lines = [f"{digest(program)}  {name}\n" for name, program in names.items()]
        lines.append(f"{digest(zipped)}  {zipped.name}\n")
        (folder / "SHA256SUMS").write_text("".join(lines))
        handler = functools.partial(Quiet, directory=folder)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Desk:
    """A folder in which a reader follows one page from its beginning to its end."""

    def __init__(
        self, folder: Path, tool: Path, bootstrap: Path, site: Site, page: Page | None = None
    ):
        self.folder = folder / "work"
        self.shown: list[str] = []
        self.port = str(free_port())
        self._running: list[subprocess.Popen[str]] = []
        (folder / "state").mkdir()
        programs, stand_ins = folder / "bin", folder / "stand-ins"
        programs.mkdir()
        stand_ins.mkdir()
        if page != FROM_NOTHING:
            (programs / "pointsman").symlink_to(tool)
            (programs / "bootstrap").symlink_to(bootstrap)
        (programs / "aws").symlink_to(ROOT / ".venv/bin/aws")
        release = folder / "release"
        release.mkdir()
        self._release = Release(release, tool, bootstrap)
        for name in STAND_INS:
            stand_in = stand_ins / name
            stand_in.write_text(
                f"#!{sys.executable}\n"
                f"import sys\nsys.path.insert(0, {str(ROOT / 'Tests/Docs')!r})\n"
                f"from stand_in import COMMANDS\n"
                f"sys.exit(COMMANDS[{name!r}](sys.argv[1:]))\n"
            )
            stand_in.chmod(0o755)
        self.folder.mkdir()
        # The key of a GitHub App, which a reader has downloaded.
        (self.folder / "pointsman.private-key.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\n")
        for name in "deploy.sh", "package.sh":
            (self.folder / name).symlink_to(stand_ins / name)
        for name in ("examples",) if page == FROM_NOTHING else ("events", "examples"):
            (self.folder / name).symlink_to(ROOT / name)
        shutil.copy(ROOT / "template.yaml", self.folder)
        self.environment = site.environment | {
            "PATH": f"{programs}:/usr/bin:/bin:{folder}/.local/bin",
            "HOME": str(folder),
            "RELEASE": self._release.url,
            "NO_COLOR": "1",
            "COLUMNS": str(COLUMNS),
            "AWS_DEFAULT_REGION": site.environment["AWS_REGION"],
            "STAND_IN_STATE": str(folder / "state"),
        }
        # What only the functions have: the reader's shell has not.
        for name in "S3_BUCKET", "S3_PREFIX", "EVAL_FUNCTION_ARN", "GITHUB_SECRET_ARN":
            del self.environment[name]
        self.standing_in = self.environment | {"PATH": f"{stand_ins}:{self.environment['PATH']}"}

    def close(self) -> None:
        for process in self._running:
            process.terminate()
            process.wait(PATIENCE)
        self._release.close()

    def take(self, block: Block) -> str:
        """Does what a block says; the block as it is to be."""
        if block.file:
            file = self.folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text)
        elif block.language == "console":
            return self._session(block)
        elif block.language == "sh":
            self._run(block)
        return block.text

    def _run(self, block: Block) -> None:
        text = self._ported(block.text)
        if text.startswith(OWN_TERMINAL):
            self._start(block, text)
            return
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.standing_in if block.needs else self.environment,
            input="what a reader pastes",
            capture_output=True,
            text=True,
            timeout=PATIENCE * 3,
        )
        assert ended.returncode == 0, f"{block}: {ended.stdout}{ended.stderr}"

    def _start(self, block: Block, text: str) -> None:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {text.removeprefix(OWN_TERMINAL)}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        assert process.stdout
        for line in process.stdout:
            self.shown.append(line)
            if line == "Ctrl-C ends it\n":
                break
        else:
            pytest.fail(f"{block}: it does not listen: {''.join(self.shown)}")
        # Read on, so that it never waits for a reader.
        threading.Thread(target=process.stdout.read, daemon=True).start()

    def _session(self, block: Block) -> str:
        """Types a session anew; what it shows now, `…` where that is whatever it may be."""
        texts = []
        for command, expected in block.steps:
            shell = ["/bin/bash", "-c", f"cd {self.folder} && {self._ported(command)}"]
            with Running(shell, self.environment, columns=COLUMNS) as running:
                running.status()
                running.wait_for_end()
                shown = running.screen.strip("\n").replace(self.port, "8080")
            if not matches(expected, shown):
                assert WRITES, f"{block}: {command}\nshows\n{shown}\ninstead of\n{expected}"
                expected = MADE_UP.sub("…", shown)
            texts.append(f"$ {command}\n" + (f"{expected}\n" if expected else ""))
        return "".join(texts)

    def deliveries(self) -> list[str]:
        """What the page of `local` shows, by the address that was printed."""
        (printed,) = re.findall(r"(?m)^console: (\S+)#token=(\w+)$", "".join(self.shown))
        asked = urllib.request.Request(
            f"{printed[0]}data/deliveries.json", headers={"X-Pointsman-Token": printed[1]}
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return [delivery["text"] for delivery in json.load(answer)["deliveries"]]

    def _ported(self, text: str) -> str:
        """The same by a port that is free; `local` has 8080 unless told otherwise."""
        text = re.sub(r"pointsman console(?!.* --export)", "pointsman console --port 0", text)
        return text.replace("pointsman local", f"pointsman local --port {self.port}").replace(
            "8080", self.port
        )


def matches(expected: str, shown: str) -> bool:
    """Whether a session shows that: `…` stands for anything in a line, alone for lines."""
    lines = "\n".join(line.rstrip() for line in shown.split("\n"))
    pattern = re.escape(expected).replace("\\\n…\\\n", "\n(?:.*\n)*").replace("…", ".*")
    return re.fullmatch(pattern, lines) is not None


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_reader_may_type_what_a_page_says(
    page: Page, tool: Path, bootstrap: Path, site: Site, tmp_path: Path
):
    desk = Desk(tmp_path, tool, bootstrap, site, page)
    try:
        text = page.text
        for block in page.blocks:
            now = desk.take(block)
            if now != block.text:
                text = text.replace(block.text, now)
        if text != page.text:
            page.path.write_text(text)
        if page == FROM_NOTHING:
            assert desk.deliveries() == ["push to main of octo-org/monorepo, 2 paths"]
            assert (tmp_path / ".local/bin/pointsman").stat().st_size == tool.stat().st_size
    finally:
        desk.close()


def test_a_session_s_ellipsis_stands_for_anything():
    assert matches("a … c\n…\nlast", "a b c\nx\ny\nlast")
    assert matches("a\n…\nlast", "a\nlast")
    assert not matches("a … c", "a b d")
    assert not matches("a\nlast", "a\nx\nlast")


def test_commands_are_found():
    blocks = [block for page in PAGES for block in page.blocks]
    assert sum(block.language in COMMANDS and not block.needs for block in blocks) > 20
    assert sum(block.needs is not None for block in blocks) > 15


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aws s3api delete-buckets", "Invalid choice"),
        ("aws sqs delete-message --queue-url x", "the following arguments"),
        ("./deploy.sh --dry", "there is no option --dry"),
        ("./deploy.sh --parameter Prefix=x", "template.yaml has no parameter Prefix=x"),
        ("./package.sh --release", "package.sh takes --architecture alone"),
        ("make tools", "the Makefile does not know tools"),
        ("make demo DEMO=x", "there is no demo x"),
        ("terraform apply", "terraform: command not found"),
        ("pointsman explian", "explian"),
    ],
)
def test_what_the_real_command_would_not_take_is_refused(
    text: str, said: str, tool: Path, bootstrap: Path, site: Site, tmp_path: Path
):
    desk = Desk(tmp_path, tool, bootstrap, site)
    page = Page(ROOT / "README.md")
    block = Block(page, 1, "sh", "", f"# Needs an AWS account.\n{text}\n")
    with pytest.raises(AssertionError, match=re.escape(said)):
        desk.take(block)
