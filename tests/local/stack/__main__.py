"""The local stack.

python -m stack demo [--once] [--crash SEED]   a sample day; stays up unless --once
python -m stack walk --pictures DIR            an operator's walk in a real Chromium, pictured
python -m stack run [--emulator moto] -- CMD   runs a command with MIO_STACK naming a running stack
python -m stack operate                        rotations, restoring, redriving, forgetting, taking down
python -m stack permissions                    whether the runs since used every permission, and no other
"""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from . import canaries, connecting, demo, operate, operations, outage, permissions, revoked
from .processes import StackError
from .stack import CRASHING, MERCHANTS, ROOT, SHORT, as_environment, up, used_in


def main() -> int:
    """Runs what the command line asks for; gives its exit code."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    showing = commands.add_parser("demo")
    showing.add_argument("--once", action="store_true")
    showing.add_argument("--crash", type=int, metavar="SEED")
    walking = commands.add_parser("walk")
    walking.add_argument("--pictures", type=Path, required=True)
    running = commands.add_parser("run")
    running.add_argument("--emulator", choices=["ministack", "moto"], default="ministack")
    running.add_argument("rest", nargs="+", metavar="CMD")
    commands.add_parser("operate")
    commands.add_parser("permissions")
    asked = parser.parse_args()
    # SIGTERM ends the stack as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        match asked.command:
            case "demo":
                return _demo(asked.once, asked.crash)
            case "walk":
                return _walk(asked.pictures)
            case "operate":
                return _operate()
            case "permissions":
                return 0 if permissions.check(ROOT, used_in()) else 1
            case _:
                return _run(asked.emulator, asked.rest)
    except StackError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; everything that was started is ended.")
        return 130


def _demo(once: bool, crash: int | None) -> int:
    stack = up("ministack", CRASHING if crash is not None else SHORT, crash)
    try:
        print("Connecting the sample merchants, as their operators would")
        connecting.connect_all(stack)
        if crash is not None:
            stack.crashing.touch()
        good = demo.day(stack)
        if crash is not None:
            good = demo.kills(stack) and good
        else:
            good = demo.known_customers(stack) and good
            good = outage.act(stack, "mer_laurier", demo.more_of("mer_laurier", 12, "o")) and good
            good = connecting.second_thoughts(stack, demo.more_of("mer_laurier", 2)) and good
            good = revoked.act(stack, "mer_northgate", demo.more_of("mer_northgate", 2, "d")) and good
        good = operations.audit(stack) and good
        good = canaries.none_is_logged(stack) and good
        print(f"\nConnect, disconnect, look: {stack.market}")
        print(f"Disconnect inside QuickBooks, and read the mails: the links of a merchant's card, and {stack.market}/mails")
        print("Look at the books:")
        for merchant, realm in MERCHANTS.items():
            print(f"  {merchant:<14} {stack.simulator}/books/{realm}")
        print(f"Logs: {stack.folder.relative_to(ROOT)}")
        print("\nEverything is as it should be." if good else "\nSomething is NOT as it should be; see above.")
        if not once:
            print("The stack stays up. Ctrl-C ends it.")
            while True:
                signal.pause()
        return 0 if good else 1
    finally:
        stack.processes.end()


def _walk(pictures: Path) -> int:
    # Only here: nobody else needs a browser.
    from .walk import walk

    stack = up("ministack", SHORT)
    try:
        walk(stack, pictures)
        print(f"\nEvery page said what it should. The pictures are in {pictures}")
        return 0
    finally:
        stack.processes.end()


def _operate() -> int:
    stack = up("ministack", SHORT)
    try:
        good = operate.act(stack)
        good = canaries.none_is_logged(stack) and good
        print("\nEverything is as it should be." if good else "\nSomething is NOT as it should be; see above.")
        return 0 if good else 1
    finally:
        stack.processes.end()


def _run(emulator: str, command: list[str]) -> int:
    stack = up(emulator, SHORT)
    if emulator == "moto":
        print("On moto no story is left out. It does not enforce the function's permissions; ministack does.")
    try:
        code = subprocess.run(command, cwd=ROOT, env=as_environment(stack), check=False).returncode
        return code if canaries.none_is_logged(stack) else code or 1
    finally:
        stack.processes.end()


if __name__ == "__main__":
    sys.exit(main())
