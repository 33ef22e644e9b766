"""A running stack: an emulator, the template deployed in it, the functions, and the simulator."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .deploy import deploy
from .market import MERCHANTS, new_key
from .processes import Port, Processes, StackError, answers, post, wait_for
from .template import REGION

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent

# Waiting times short enough to watch, and long enough for a machine that is busy with something else: nobody waits for
# those of a request, since a lost answer ends at once. They keep the order of the safe ones: sending may start late and
# last long within a lease, and a message comes back when a dead attempt may be looked for.
SHORT = {
    "LeaseSeconds": "16",
    "QuiescenceSeconds": "10",
    "PaymentWaitSeconds": "4",
    "SendBySeconds": "5",
    "QuickBooksTimeoutSeconds": "10",
    "FunctionTimeoutSeconds": "30",
    "VisibilitySeconds": "30",
    "TokenLeaseSeconds": "25",
    "TokenQuietSeconds": "12",
    "TokenTimeoutSeconds": "10",
    "TokenFirstPauseSeconds": "1",
    "TokenSecondPauseSeconds": "2",
    "TurnSeconds": "2",
    "ThrottleRestSeconds": "3",
    "DrainLeaseSeconds": "6",
    "ProbeSeconds": "1",
    "ReturnStepSeconds": "1",
    "DrainTimeoutSeconds": "30",
    "WakeVisibilitySeconds": "30",
    "HealthTimeoutSeconds": "30",
    "HealthVisibilitySeconds": "30",
}

# Shorter, for processes that are killed all day long: they come back sooner and are not given up.
CRASHING = {
    **SHORT,
    "LeaseSeconds": "4",
    "QuiescenceSeconds": "3",
    "SendBySeconds": "1",
    "QuickBooksTimeoutSeconds": "2",
    "TokenLeaseSeconds": "6",
    "TokenQuietSeconds": "4",
    "TokenTimeoutSeconds": "2",
    "FunctionTimeoutSeconds": "7",
    "VisibilitySeconds": "8",
    "DrainTimeoutSeconds": "10",
    "WakeVisibilitySeconds": "8",
    "MaxReceives": "1000",
}


@dataclass
class Stack:
    """What runs, where, and where its logs are."""

    folder: Path
    processes: Processes
    programs: Path
    endpoint: str = ""
    simulator: str = ""
    market: str = ""
    credentials: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where the stack is told to programs that use it."""
        return self.folder / "stack.json"

    @property
    def kills(self) -> Path:
        """What the crash proxy killed, where one runs."""
        return self.folder / "kills.jsonl"

    @property
    def used(self) -> Path:
        """Which permissions the functions used, where the emulator enforces them. Kept with those of other runs."""
        return used_in() / f"{self.folder.name}.jsonl"

    @property
    def crashing(self) -> Path:
        """The crash proxy, where one runs, kills once this file exists."""
        return self.folder / "crashing"

    def write(self) -> None:
        """Tells the stack to programs that use it."""
        told = {
            "endpoint": self.endpoint,
            "region": REGION,
            "credentials": self.credentials,
            "outputs": self.outputs,
            "simulator": self.simulator,
        }
        self.file.write_text(json.dumps(told, indent=2), encoding="utf-8")


def target() -> Path:
    """The folder that cargo builds into."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, check=True, capture_output=True
    )
    return Path(json.loads(metadata.stdout)["target_directory"])


def used_in() -> Path:
    """Where each run notes which permissions its functions used."""
    return target() / "used"


def build() -> Path:
    """Builds the programs; gives the folder they are in."""
    # The whole workspace, a test among it, and the Makefile's features: so that what tests compile is not compiled again.
    command = ["cargo", "build", "--workspace", "--bins", "--test", "stories", "--features", "bookkeeping/schema,common/schema"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise StackError("the programs could not be built; the compiler says why above")
    return target() / "debug"


def up(emulator: str, timing: dict[str, str], crash_seed: int | None = None, say: Any = print) -> Stack:
    """Starts a stack. Whatever was started is ended again where a step fails."""
    say("Building the programs")
    programs = build()
    runs = programs.parent / "local"
    runs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
    stack = Stack(folder, Processes(folder), programs)
    try:
        _start(stack, emulator, programs, timing, crash_seed, say)
    except BaseException:
        stack.processes.end()
        raise
    return stack


def _start(stack: Stack, emulator: str, programs: Path, timing: dict[str, str], crash_seed: int | None, say: Any) -> None:
    processes = stack.processes
    stack.credentials = {"access_key_id": "AKIALOCALSTACKROOT00", "secret_access_key": secrets.token_hex(20)}
    emulators, simulators, markets = Port(), Port(), Port()
    stack.endpoint = f"http://127.0.0.1:{emulators.number}"
    stack.simulator = f"http://127.0.0.1:{simulators.number}"
    # Browsers keep cookies that want HTTPS on localhost, and nowhere else over plain HTTP.
    stack.market = f"http://localhost:{markets.number}"

    say("Starting the simulator of QuickBooks")
    simulators.let_go()
    processes.start("simulator", [str(programs / "simulator"), "--listen", stack.simulator.removeprefix("http://")])
    _wait_until_it_answers(processes, "the simulator", stack.simulator)

    aws_seen, quickbooks_seen = stack.endpoint, stack.simulator
    if crash_seed is not None:
        aws_seen, quickbooks_seen = _start_crash_proxy(stack, programs, crash_seed)

    say(f"Starting {emulator}")
    emulators.let_go()
    if emulator == "ministack":
        _start_ministack(stack, aws_seen)
    else:
        port = str(emulators.number)
        processes.start("moto", [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", port])
    _wait_until_it_answers(processes, emulator, stack.endpoint)

    say("Deploying the template")
    parameters = {
        "Environment": "dev",
        "AppMarketUrl": f"{stack.market}/",
        "PublicUrl": stack.market,
        "MailFrom": "MioCommerce <quickbooks@miocommerce.example>",
        "HelpUrl": "https://support.miocommerce.com/articles/5469950",
        # Where the operator's own browser goes: never through what kills.
        "QuickBooksAuthorizeUrl": f"{stack.simulator}/connect/oauth2",
        "QuickBooksApiUrl": quickbooks_seen,
        "QuickBooksTokenUrl": f"{quickbooks_seen}/oauth2/v1/tokens/bearer",
        "QuickBooksRevokeUrl": f"{quickbooks_seen}/v2/oauth2/tokens/revoke",
        **timing,
    }
    code = {name: programs / name for name in ("transaction-sync", "backlog-drain", "oauth-connect", "settings-page", "token-health")}
    runs_code = emulator == "ministack"
    key = stack.folder / "market.pem"
    launch_keys = [new_key(key)]
    expanded, stack.outputs = deploy(ROOT, stack.endpoint, stack.credentials, parameters, code, runs_code, launch_keys)
    stack.write()

    if runs_code:
        say("Opening the App Market's stand-in")
        markets.let_go()
        _start_market(stack, key)
    else:
        _start_lambda_host(stack, programs, expanded, parameters, code)
    processes.check()


def _wait_until_it_answers(processes: Processes, what: str, url: str) -> None:
    def look() -> bool:
        processes.check()
        return answers(url)

    wait_for(f"{what} to answer at {url}", look)


def _start_ministack(stack: Stack, aws_seen: str) -> None:
    environment = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": stack.endpoint.rpartition(":")[2],
        "MINISTACK_REGION": REGION,
        # Signatures and the functions' own policies are enforced.
        "AUTH": "true",
        # Handed to the functions.
        "AWS_ENDPOINT_URL": aws_seen,
        "AWS_ACCESS_KEY_ID": stack.credentials["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack.credentials["secret_access_key"],
        "AWS_DEFAULT_REGION": REGION,
        "TMPDIR": str(stack.folder),
    }
    stack.used.parent.mkdir(parents=True, exist_ok=True)
    stack.processes.start("ministack", [sys.executable, "-m", "stack.emulator", str(stack.used)], environment)


def _start_crash_proxy(stack: Stack, programs: Path, seed: int) -> tuple[str, str]:
    addresses = stack.folder / "addresses.json"
    quotas = ["claim-post=5", "commit-answer=5", "answer-complete=5", "random=5"]
    command = [str(programs / "crash-proxy"), "--aws", stack.endpoint, "--aws-listen", "127.0.0.1:0"]
    command += ["--quickbooks", stack.simulator, "--quickbooks-listen", "127.0.0.1:0", "--victim-name", "bootstrap"]
    command += [argument for quota in quotas for argument in ("--kill", quota)]
    command += ["--seed", str(seed), "--ledger-table", "LedgerTable", "--report", str(stack.kills)]
    command += ["--addresses", str(addresses), "--once", str(stack.crashing)]
    stack.processes.start("crash-proxy", command)

    def look() -> bool:
        stack.processes.check()
        return addresses.exists() and addresses.stat().st_size > 0

    wait_for("the crash proxy to listen", look)
    told = json.loads(addresses.read_text(encoding="utf-8"))
    return told["aws"], told["quickbooks"]


def _start_market(stack: Stack, key: Path) -> None:
    command = [sys.executable, "-m", "stack.market", "--port", stack.market.rpartition(":")[2], "--key", str(key)]
    command += ["--gateway", stack.endpoint, "--simulator", stack.simulator, "--api", stack.outputs["WebApiId"]]
    command += ["--stack", str(stack.file)]
    stack.processes.start("market", command)
    _wait_until_it_answers(stack.processes, "the App Market's stand-in", stack.market)
    callback = f"{stack.market}/quickbooks/callback"
    post(f"{stack.simulator}/simulator/app", {"redirect_uris": [callback]})


def operators_choice(merchant: str) -> dict[str, Any]:
    """What a sample merchant's operator would choose, and in `chosen_later` the rows of the tax map that only they can say."""
    path = ROOT / "tests" / "fixtures" / "day" / "settings" / f"{merchant}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def choose_settings(stack: Stack, merchant: str, choice: dict[str, Any]) -> None:
    """Gives a connected sample merchant these settings."""
    path = stack.folder / f"{merchant}.json"
    path.write_text(json.dumps(choice, ensure_ascii=False), encoding="utf-8")
    _run(stack, "choose", merchant, "--settings", str(path))


def _run(stack: Stack, program: str, merchant: str, *more: str) -> str:
    command = [str(stack.programs / program), "--stack", str(stack.file), "--merchant", merchant, *more]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise StackError(f"{program} failed for {merchant}: {done.stderr.strip()}")
    return done.stdout


def _start_lambda_host(
    stack: Stack, programs: Path, expanded: dict[str, Any], parameters: dict[str, str], code: dict[str, Path]
) -> None:
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in expanded["Parameters"].items()}
    values = {**defaults, **parameters, **stack.outputs, "AWS::StackName": "quickbooks"}
    resources = expanded["Resources"]
    told = {
        "endpoint": stack.endpoint,
        "region": REGION,
        "credentials": stack.credentials,
        "functions": [
            _hosted(resources, "TransactionSync", values, code["transaction-sync"], {"Transactions": "TransactionQueue"}),
            # The schedule's minute would be most of a story's patience.
            _hosted(resources, "BacklogDrain", values, code["backlog-drain"], {"Wakes": "WakeQueue"}, every_seconds=10),
            _hosted(resources, "TokenHealth", values, code["token-health"], {"Looks": "HealthQueue"}, every_seconds=10),
        ],
    }
    functions = stack.folder / "functions.json"
    functions.write_text(json.dumps(told, indent=2), encoding="utf-8")
    command = [str(programs / "lambda-host"), "--functions", str(functions), "--log-dir", str(stack.folder)]
    stack.processes.start("lambda-host", command)


def _hosted(
    resources: dict[str, Any],
    function: str,
    values: dict[str, str],
    binary: Path,
    queues: dict[str, str],
    every_seconds: int | None = None,
) -> dict[str, Any]:
    """A function as the host is told of it; `queues` names the queue of each of its SQS events."""
    properties = resources[function]["Properties"]
    variables = properties["Environment"]["Variables"]
    timeout = properties["Timeout"]
    mappings = {queue: resources[f"{function}{event}"]["Properties"] for event, queue in queues.items()}
    return {
        "name": binary.name,
        "binary": str(binary),
        "environment": {name: _resolved(value, values) for name, value in variables.items()},
        "timeout_seconds": int(_resolved(timeout, values)),
        "memory_mb": properties["MemorySize"],
        "concurrency": 4,
        "every_seconds": every_seconds,
        "sqs": [
            {
                "queue_url": values[f"{queue}Url"],
                "queue_arn": values[f"{queue}Arn"],
                "batch_size": mapping["BatchSize"],
                "report_batch_item_failures": mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"],
            }
            for queue, mapping in mappings.items()
        ],
    }


def _resolved(value: Any, values: dict[str, str]) -> str:
    """A variable's value, as CloudFormation would resolve it."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        name = value["Ref"]
        return values.get(name) or values[f"{name}Url"]
    if "Fn::Sub" in value:
        text = value["Fn::Sub"]
        for name, known in values.items():
            text = text.replace("${" + name + "}", known)
        return text
    raise StackError(f"the template sets a variable in a way this stack does not know: {value}")


def as_environment(stack: Stack) -> dict[str, str]:
    """The environment of a program that uses the stack."""
    return {**os.environ, "MIO_STACK": str(stack.file)}
