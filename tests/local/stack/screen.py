"""An operator before a screen: a real Chromium, a picture of everything they see, and a checker of who could not see it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from .processes import StackError
from .stack import ROOT

# A desk and a phone.
DESK = {"width": 1120, "height": 840}
PHONE = {"width": 390, "height": 844}

AXE = ROOT / ".local" / "axe" / "node_modules" / "axe-core" / "axe.min.js"

# Success criteria of WCAG up to 2.2, levels A and AA.
CRITERIA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


# How many stops of the Tab key are looked at on a page.
TABS_MAX = 60

# What does not belong on paper: what is pressed, what leads elsewhere, and what is not black on white.
ON_PAPER = """() => {
    const found = [];
    const shown = element => element.checkVisibility() && element.getClientRects().length > 0;
    for (const element of document.querySelectorAll("button, .button, nav, input, select"))
        if (shown(element)) found.push(`${element.tagName.toLowerCase()} "${element.textContent.trim()}" is printed`);
    for (const element of document.querySelectorAll("body, body *")) {
        if (!shown(element) || element.closest("svg") || element.closest(".unseen")) continue;
        const style = getComputedStyle(element);
        const says = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (says && style.color !== "rgb(0, 0, 0)") found.push(`"${element.textContent.trim().slice(0, 40)}" is ${style.color}`);
        if (!["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"].includes(style.backgroundColor))
            found.push(`"${element.textContent.trim().slice(0, 40)}" stands on ${style.backgroundColor}`);
    }
    return found.slice(0, 5);
}"""

# What runs past the edge of the screen or the paper, or is not shown to its end.
CUT_OFF = """() => {
    const found = [];
    const edge = document.documentElement.clientWidth;
    const named = element => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
    const pen = document.createElement("canvas").getContext("2d");
    for (const element of document.querySelectorAll("body *")) {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        // What is only for those who hear a page is a pixel wide; a picture has its own measures.
        if (!element.checkVisibility() || box.width <= 1 || element.closest("svg, .stacks thead")) continue;
        const within = element.parentElement.closest(".card")?.getBoundingClientRect().right ?? edge;
        if (box.left < -1 || box.right > Math.min(edge, within) + 1) found.push(`${named(element)} runs past the edge`);
        if (element.tagName === "SELECT") {
            pen.font = style.font;
            const chosen = element.selectedOptions[0]?.text ?? "";
            // The arrow takes a letter's room.
            const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16;
            if (pen.measureText(chosen).width > room) found.push(`select "${chosen}" is cut off`);
        } else if (style.overflowX !== "visible" && element.tagName !== "INPUT" && element.scrollWidth > element.clientWidth + 1) {
            found.push(`${named(element)} is cut off`);
        }
    }
    return found.slice(0, 5);
}"""

# What the keyboard is at, and whether that is seen.
AT = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at);
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && at.getClientRects().length > 0;
    return [at.outerHTML.slice(0, 80), seen];
}"""


@contextmanager
def screen(language: str, size: dict[str, int], scripts: bool = True) -> Iterator[Page]:
    """A window of a fresh browser; one that runs no scripts where it is told so."""
    program = shutil.which("chromium")
    if program is None:
        raise StackError("Chromium is missing. Install it (Debian: sudo apt-get install chromium) and run this again.")
    with sync_playwright() as playwright:
        # The sandbox wants rights that root in a container does not have.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            context = browser.new_context(viewport=size, locale=f"{language}-CA", java_script_enabled=scripts)
            page = context.new_page()
            page.set_default_timeout(30_000)
            expect.set_options(timeout=30_000)
            yield page
        finally:
            browser.close()


class Album:
    """Where the pictures go, in the order they were taken, and what was found wrong on the way."""

    def __init__(self, folder: Path, begins: str, checks: bool = True) -> None:
        """An album in `folder`, which is made; its pictures' names begin with `begins`."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{begins}-*.png"):
            old.unlink()
        self._folder = folder
        self._begins = begins
        self._taken = 0
        self._checks = checks
        self.violations: list[str] = []

    def take(self, page: Page, what: str, ours: bool = True) -> None:
        """Takes a picture of the whole page; a page of ours is checked in both themes, and pictured in the dark one too."""
        self._taken += 1
        name = f"{self._begins}-{self._taken:02}-{what}"
        page.screenshot(path=self._folder / f"{name}.png", full_page=True)
        print(f"  {name:<44} {page.title()}: {page.locator('h1').first.inner_text()}")
        if not ours or not self._checks:
            return
        for text in page.evaluate(CUT_OFF):
            self._found(name, text)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            for text in _violations(page):
                self._found(name, f"{theme}: {text}")
            if theme == "dark":
                page.screenshot(path=self._folder / f"{name}-dark.png", full_page=True)
        # On paper, also for whoever prints from a dark screen.
        page.emulate_media(color_scheme="dark", media="print")
        for text in page.evaluate(CUT_OFF) + page.evaluate(ON_PAPER):
            self._found(name, f"print: {text}")
        page.screenshot(path=self._folder / f"{name}-print.png", full_page=True)
        page.emulate_media(color_scheme="light", media="screen")
        for text in _unseen_focus(page):
            self._found(name, f"keyboard: {text}")

    def _found(self, name: str, text: str) -> None:
        self.violations.append(f"{name}: {text}")
        print(f"    VIOLATION {text}")


def _violations(page: Page) -> list[str]:
    """What the checker finds on a page: the rule, what it asks for, and where it is broken."""
    # Not as a script of the page's: its own policy runs none.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "criteria => axe.run(document, {runOnly: {type: 'tag', values: criteria}, resultTypes: ['violations']})", CRITERIA
    )
    return [
        f"{violation['id']}: {violation['help']}: {', '.join(' '.join(node['target']) for node in violation['nodes'][:3])}"
        for violation in found["violations"]
    ]


def _unseen_focus(page: Page) -> list[str]:
    """What the Tab key comes to on a page without its being seen."""
    page.evaluate("() => { document.activeElement?.blur(); getSelection()?.removeAllRanges(); window.scrollTo(0, 0) }")
    unseen = []
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at is None:
            break
        what, seen = at
        if not seen:
            unseen.append(what)
    return unseen
