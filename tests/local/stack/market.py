"""The App Market's stand-in: signs launch tokens, and stands at the product's public address.

python -m stack.market --port PORT --key key.pem --gateway http://127.0.0.1:4566 --simulator http://127.0.0.1:8080 --api ID --stack stack.json

Its own page is at /, with a card for each sample merchant. /launch signs a token and sends the browser on. /pay has a customer
pay, through the real queue, and opens the app. What begins with
/quickbooks goes to the product's HTTP API, as a domain name of one's own would lead there.
"""

import argparse
import html
import http.client
import json
import time
import urllib.parse
import urllib.request
import uuid
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from .processes import post

KEY_ID = "stand-in"

# Whose connection is to which of the simulator's companies.
MERCHANTS = {
    "mer_laurier": "9341450000000001",
    "mer_northgate": "9341450000000002",
    "mer_tucson": "9341450000000005",
    "mer_harbour": "9341450000000003",
    "mer_sunline": "9341450000000004",
    "mer_thames": "9341450000000006",
}

# The sample merchants as the App Market knows them.
SAMPLES: dict[str, dict[str, str]] = {
    "mer_laurier": {"merchant_name": "Nettoyage Laurier", "country": "CA", "currency": "CAD", "time_zone": "America/Toronto"},
    "mer_northgate": {"merchant_name": "Northgate Home Care", "country": "CA", "currency": "CAD", "time_zone": "America/Toronto"},
    "mer_tucson": {"merchant_name": "Desert Home Repair", "country": "US", "currency": "USD", "time_zone": "America/Phoenix"},
    "mer_harbour": {"merchant_name": "Harbour Yard Services", "country": "CA", "currency": "CAD", "time_zone": "America/Vancouver"},
    "mer_sunline": {"merchant_name": "Sunline Home Pros", "country": "US", "currency": "USD", "time_zone": "America/Los_Angeles"},
    "mer_thames": {"merchant_name": "Thames Home Services", "country": "GB", "currency": "GBP", "time_zone": "Europe/London"},
}

# Passed on between browser and product, both ways.
PASSED_ON = ("accept", "accept-language", "content-type", "cookie")
PASSED_BACK_NOT = ("connection", "transfer-encoding", "content-length", "date", "server")


def sent_mails(endpoint: str) -> list[dict[str, Any]]:
    """Every mail the emulator's mail service took, oldest first."""
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=30) as answer:
        by_account = json.load(answer)["messages"]
    found = sorted((mail for mails in by_account.values() for mail in mails), key=lambda mail: mail["Timestamp"])
    return [{**mail, "Subject": str(make_header(decode_header(mail["Subject"])))} for mail in found]


def new_key(path: Path, key_id: str = KEY_ID) -> dict[str, Any]:
    """Makes a key pair: the private half goes to `path`; gives the public half as a JWK."""
    private = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()))
    return {"kty": public["kty"], "crv": public["crv"], "x": public["x"], "y": public["y"], "kid": key_id}


def launch_token(
    key: Any, merchant: str, role: str = "administrator", language: str = "en", entitled: bool = True, key_id: str = KEY_ID
) -> str:
    """Signs a launch token of one of the sample merchants, good once and for five minutes."""
    now = int(time.time())
    operator = {"administrator": ("op_1", "Anna Côté", "anna@example.com"), "viewer": ("op_2", "Sam Lee", "sam@example.com")}[role]
    claims = {
        **SAMPLES[merchant],
        "iss": "miocommerce",
        "aud": "quickbooks",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        "merchant_id": merchant,
        "role": role,
        "sub": operator[0],
        "name": operator[1],
        "email": operator[2],
        "language": language,
        "entitled": entitled,
    }
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": key_id})


class Market(BaseHTTPRequestHandler):
    """One request."""

    key: Any
    gateway: str
    simulator: str
    api: str
    stack: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802 (the base class names it)
        """The page, a launch, or the product."""
        address = urllib.parse.urlsplit(self.path)
        if address.path == "/":
            self._page()
        elif address.path == "/pay":
            self._pay(dict(urllib.parse.parse_qsl(address.query)))
        elif address.path == "/revoke":
            self._revoke(dict(urllib.parse.parse_qsl(address.query)))
        elif address.path == "/mails":
            self._mails(dict(urllib.parse.parse_qsl(address.query)))
        elif address.path == "/launch":
            self._launch(dict(urllib.parse.parse_qsl(address.query)))
        else:
            self._product()

    def do_POST(self) -> None:  # noqa: N802
        """The product."""
        self._product()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: launch tokens and codes are in the addresses."""

    def _launch(self, asked: dict[str, str]) -> None:
        merchant, role = asked.get("merchant", ""), asked.get("role", "administrator")
        if merchant not in SAMPLES or role not in ("administrator", "viewer"):
            self._answer(404, "text/plain", b"No such merchant or role.")
            return
        token = launch_token(self.key, merchant, role, asked.get("language", "en"), asked.get("plan") != "free")
        path = "/quickbooks/connect" if asked.get("to") == "connect" else "/quickbooks"
        self.send_response(303)
        self.send_header("location", f"{path}?launch={token}")
        self.send_header("content-length", "0")
        self.end_headers()

    def _pay(self, asked: dict[str, str]) -> None:
        """A customer of the sample day pays once more; then the app is opened."""
        # Only here: the stack knows the market, too.
        from .purchases import Purchases
        from .traffic import put

        merchant, language = asked.get("merchant", ""), asked.get("language", "en")
        if merchant not in SAMPLES:
            self._answer(404, "text/plain", b"No such merchant.")
            return
        told = json.loads(self.stack.read_text(encoding="utf-8"))
        mark = f"p{time.time_ns() // 1_000_000 % 100_000_000}"
        put(told["credentials"], told["endpoint"], told["outputs"], Purchases(merchant, mark).ordinary(1))
        self.send_response(303)
        self.send_header("location", "/launch?" + urllib.parse.urlencode({"merchant": merchant, "language": language}))
        self.send_header("content-length", "0")
        self.end_headers()

    def _revoke(self, asked: dict[str, str]) -> None:
        """Disconnects inside QuickBooks, which sends the browser to the product's Disconnect URL."""
        realm = MERCHANTS.get(asked.get("merchant", ""))
        if realm is None:
            self._answer(404, "text/plain", b"No such merchant.")
            return
        post(f"{self.simulator}/simulator/trouble", {"kind": "revoke", "realm": realm})
        self.send_response(303)
        self.send_header("location", f"/quickbooks/disconnected?realmId={realm}")
        self.send_header("content-length", "0")
        self.end_headers()

    def _mails(self, asked: dict[str, str]) -> None:
        """The mails that were sent, newest first; one of them as its reader sees it."""
        found = sent_mails(self.gateway)
        which = asked.get("mail", "")
        if which.isdigit() and int(which) < len(found):
            self._answer(200, "text/html; charset=utf-8", (found[int(which)]["BodyHtml"] or "").encode())
            return
        rows = "".join(
            f"<li><a href='/mails?mail={at}'>{html.escape(mail['Subject'])}</a> <small>{html.escape(', '.join(mail['To']))}</small></li>"
            for at, mail in reversed(list(enumerate(found)))
        )
        page = f"<!doctype html><meta charset=utf-8><title>Mails</title><body style='font:1rem/1.6 system-ui;margin:2rem'><h1>Mails</h1><ul>{rows}</ul>"
        self._answer(200, "text/html; charset=utf-8", page.encode())

    def _page(self) -> None:
        cards = "".join(_card(merchant, sample) for merchant, sample in SAMPLES.items())
        page = (
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
            "<title>App Market (stand-in)</title><style>body{font:1rem/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}"
            "section{border:1px solid #ccd;border-radius:.75rem;padding:1rem;margin:1rem 0}a.b{display:inline-block;padding:.5rem 1rem;"
            "margin:.2rem .4rem .2rem 0;border-radius:.5rem;background:#0b6e4f;color:#fff;text-decoration:none}small a{color:#556}</style>"
            f"<h1>App Market</h1><p>A stand-in: it signs the launch tokens MioCommerce's App Market would sign.</p>{cards}"
        )
        self._answer(200, "text/html; charset=utf-8", page.encode())

    def _product(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else None
        host, port = self.gateway.removeprefix("http://").split(":")
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        headers["host"] = f"{self.api}.execute-api.localhost:{port}"
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            self._answer(502, "text/plain", b"The product did not answer.")
            return
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in PASSED_BACK_NOT:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _card(merchant: str, sample: dict[str, str]) -> str:
    def link(text: str, kind: str = "", **query: str) -> str:
        address = html.escape("/launch?" + urllib.parse.urlencode({"merchant": merchant, **query}))
        return f"<a class='{kind}' href='{address}'>{text}</a>"

    return (
        f"<section><h2>{html.escape(sample['merchant_name'])}</h2><p>{sample['country']}, {sample['currency']}</p>"
        f"<p>{link('Connect QuickBooks', 'b', to='connect')}{link('Open', 'b')}"
        f"<a class=b href='/pay?merchant={merchant}'>A customer pays</a></p>"
        f"<p><small>{link('Open in French', language='fr')} · {link('Open as a viewer', role='viewer')} · "
        f"{link('Open without the plan', plan='free')} · "
        f"<a href='/revoke?merchant={merchant}'>Disconnect inside QuickBooks</a> · <a href='/mails'>Mails</a></small></p></section>"
    )


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--simulator", required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--stack", type=Path, required=True)
    asked = parser.parse_args()
    Market.key = load_pem_private_key(asked.key.read_bytes(), None)
    Market.gateway, Market.simulator, Market.api = asked.gateway, asked.simulator, asked.api
    Market.stack = asked.stack
    ThreadingHTTPServer(("127.0.0.1", asked.port), Market).serve_forever()


if __name__ == "__main__":
    main()
