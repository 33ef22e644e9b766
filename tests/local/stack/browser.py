"""An operator's browser without a screen: cookies, redirects, the consent page, the buttons of a page."""

import html
import http.client
import json
import re
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Page:
    """What a browser sees."""

    address: str
    status: int
    body: str

    def says(self, text: str) -> bool:
        """Whether a text stands on the page."""
        return text in self.body


@dataclass
class Browser:
    """A browser. Cookies are kept by host; Secure ones are sent to localhost, as browsers do."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def open(self, address: str, form: dict[str, str] | None = None) -> Page:
        """Opens an address and goes wherever it sends the browser."""
        for _ in range(10):
            status, location, body = self._ask(address, form)
            if location is None:
                return Page(address, status, body)
            address, form = urllib.parse.urljoin(address, location), None
        raise RuntimeError("sent round and round")

    def press(self, page: Page, action: str, choice: str | None = None) -> Page:
        """Presses the button of a page's form that leads to an address; the one of this choice where it has several."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.body, re.DOTALL)
        if form is None:
            raise RuntimeError(f"no button for {action}")
        if choice and f'name="choice" value="{choice}"' not in form.group(0):
            raise RuntimeError(f"no button for {choice}")
        fields = {"choice": choice} if choice else {}
        fields |= dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.group(0)))
        return self.open(urllib.parse.urljoin(page.address, action), fields)

    def choose_code(self, page: Page, taxes: list[str], code: str) -> Page:
        """Chooses a tax code for these taxes, on the page of the taxes."""
        for form in re.findall(r"<form.*?</form>", page.body, re.DOTALL):
            fields = {name: html.unescape(value) for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)}
            codes = re.findall(r'name="code" value="([^"]*)"', form)
            if fields.get("of") == json.dumps(sorted(taxes), separators=(",", ":")) and code in codes:
                return self.open(urllib.parse.urljoin(page.address, "/quickbooks/settings/taxes"), {**fields, "code": code})
        raise RuntimeError(f"no choice of {code} for {taxes}")

    def consent(self, page: Page, realm: str | None) -> Page:
        """Chooses a company at Intuit, or presses Cancel."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.address).query))
        answer = {"realmId": realm} if realm else {"cancel": "1"}
        return self.open(urllib.parse.urljoin(page.address, "/connect/oauth2/consent"), {**query, **answer})

    def _ask(self, address: str, form: dict[str, str] | None) -> tuple[int, str | None, str]:
        parts = urllib.parse.urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        jar = self.cookies.setdefault(parts.netloc, {})
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items()), "accept-language": "en"}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["content-type"] = "application/x-www-form-urlencoded"
        try:
            connection.request("GET" if form is None else "POST", target, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, rest = cookie.partition("=")
            jar[name] = rest.partition(";")[0]
        return answer.status, answer.headers.get("location"), text
