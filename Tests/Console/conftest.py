"""What the suite needs to run: a console over a folder, and a browser."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright import sync_api
from records import Records, now, pushes

from programs import program
from tool import Running, Tool

CHROMIUM = shutil.which("chromium")
"""The distribution's; without it Playwright's own."""


@pytest.fixture(scope="session")
def tool() -> Tool:
    """`POINTSMAN_TOOL` and `POINTSMAN_BOOTSTRAP`, else the debug builds."""
    return Tool(program("POINTSMAN_TOOL", "pointsman"), program("POINTSMAN_BOOTSTRAP", "bootstrap"))


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: sync_api.Browser) -> Iterator[Callable[..., sync_api.Page]]:
    """Opens an address in a window of its own; what the page complains of fails the test."""
    contexts: list[sync_api.BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        address: str, *, size: tuple[int, int] = (1200, 760), **settings
    ) -> sync_api.Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "Failed to load resource" not in said.text
                else None
            ),
        )
        # Nothing is asked of any other server.
        page.on(
            "request",
            lambda asked: (
                complaints.append(asked.url)
                if not asked.url.startswith(("http://127.0.0.1:", "file:///"))
                else None
            ),
        )
        # As if the address that the terminal shows had been opened before.
        if token := TOKENS.get(address.split("#")[0]):
            page.add_init_script(f"localStorage.setItem('token', '{token}')")
        page.goto(address)
        page.wait_for_selector("html[data-ready=yes]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


TOKENS: dict[str, str] = {}
"""By the address of a console what is behind it on the terminal."""


class Console:
    """`console` over a folder, or that of `local`."""

    def __init__(self, running: Running):
        self.running = running
        printed = running.wait_for(r"^console: (http://127\.0\.0\.1:\d+/console/)#token=(\w+)$")
        self.url, self.token = printed[1], printed[2]
        self.printed = f"{self.url}#token={self.token}"
        TOKENS[self.url] = self.token
        running.wait_for(r"^Ctrl-C ends it$")


@pytest.fixture(scope="session")
def serve(tool: Tool) -> Callable[..., Running]:
    def serve(folder: Path, *arguments: object) -> Running:
        command = [tool.program, "console", "--folder", folder, "--port", 0, *arguments]
        return Running([*map(str, command)], tool.environment)

    return serve


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """120 pushes of the last days, the latest some minutes ago."""
    records = Records(tmp_path_factory.mktemp("sample"))
    pushes(records, 120, now() - datetime.timedelta(minutes=3), minutes=97)
    return records


@pytest.fixture(scope="session")
def console(serve: Callable[..., Running], sample: Records) -> Iterator[Console]:
    with serve(sample.folder) as running:
        yield Console(running)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "records")
