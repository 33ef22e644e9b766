"""What the people who run the platform do by hand, done to the stack."""

import os
import subprocess

from .stack import Stack
from .template import REGION


def audit(stack: Stack) -> bool:
    """Walks the ledger; whether everything received is accounted for and nothing is where nobody comes for it."""
    print("\nThe audit of the ledger:")
    return command(stack, "audit", "--ledger", stack.outputs["LedgerTable"]) == 0


def command(stack: Stack, *words: str) -> int:
    """Runs `operations` with these words; gives its exit code."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": stack.endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": stack.credentials["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack.credentials["secret_access_key"],
    }
    # What is printed here stands in its place among what it prints.
    print(end="", flush=True)
    return subprocess.run([str(stack.programs / "operations"), *words], env=environment, check=False).returncode
