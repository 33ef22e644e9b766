"""An operator before a screen: a real Chromium, and a picture of everything they see."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from .processes import StackError

# A desk and a phone.
DESK = {"width": 1120, "height": 840}
PHONE = {"width": 390, "height": 844}


@contextmanager
def screen(language: str, size: dict[str, int]) -> Iterator[Page]:
    """A window of a fresh browser."""
    program = shutil.which("chromium")
    if program is None:
        raise StackError("Chromium is missing. Install it (Debian: sudo apt-get install chromium) and run this again.")
    with sync_playwright() as playwright:
        # The sandbox wants rights that root in a container does not have.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            page = browser.new_context(viewport=size, locale=f"{language}-CA").new_page()
            page.set_default_timeout(30_000)
            yield page
        finally:
            browser.close()


class Album:
    """Where the pictures go, in the order they were taken."""

    def __init__(self, folder: Path, begins: str) -> None:
        """An album in `folder`, which is made; its pictures' names begin with `begins`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._begins = begins
        self._taken = 0

    def take(self, page: Page, what: str) -> None:
        """Takes a picture of the whole page."""
        self._taken += 1
        path = self._folder / f"{self._begins}-{self._taken:02}-{what}.png"
        page.screenshot(path=path, full_page=True)
        print(f"  {path.name:<44} {page.title()}: {page.locator('h1').first.inner_text()}")
