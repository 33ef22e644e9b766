"""Whether every permission that the template grants is used, and every one that is used is granted.

What is used was noted by the emulator while stories and demonstrations ran; what is granted is read from the template. What
Lambda itself does under a function's role the emulator does in its own name: that is read from what the template has it do.
"""

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

from .processes import StackError
from .template import expand

# What Intrinsic functions become in the emulator's account.
KNOWN = {"AWS::Partition": "aws", "AWS::Region": "ca-central-1", "AWS::AccountId": "000000000000", "AWS::StackName": "quickbooks"}

# What Lambda does under a function's role: to write its log, and to take from a queue for it.
WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")
TAKES = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")

Permission = tuple[str, str, str]


def check(root: Path, used_in: Path) -> bool:
    """Prints the table; whether granted and used are the same."""
    files = sorted(used_in.glob("*.jsonl"))
    if not files:
        raise StackError("nothing was noted yet: run `make test` first")
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    expanded = expand(root / "template.yaml", {"Environment": "dev", "AppMarketUrl": "https://a", "PublicUrl": "https://a"})
    granted = _granted(expanded)
    used = {permission for line in lines if (permission := _grant(granted, line))}
    problems = [f"{line['role']} was refused {line['action']} on {line['resource']}" for line in lines if not line["allowed"]]
    lambdas = _lambdas(expanded)
    problems += [f"Lambda needs {' '.join(permission)}, which is not granted" for permission in sorted(lambdas - granted.keys())]
    for permission in sorted(granted):
        state = "used" if permission in used else "Lambda's" if permission in lambdas else "UNUSED"
        print("{:<20} {:<44} {:<32} {}".format(*permission, state))
        if state == "UNUSED":
            problems.append(f"{' '.join(permission)} is granted and nobody used it")
    for problem in problems:
        print(problem)
    if problems:
        print("Every run that uses some: `make test`, `make demo ONCE=1`, `make operate`, `make pictures`.")
    print(f"{len(granted)} permissions: {len(used)} used in {len(files)} runs, {len(lambdas)} Lambda's own, {len(problems)} problems")
    return not problems


def _lambdas(expanded: dict[str, Any]) -> set[Permission]:
    """What Lambda does for each function under its role."""
    resources = expanded["Resources"]
    roles = {
        name: resource["Properties"]["Role"]["Fn::GetAtt"][0]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    logs = {(role, action, resources[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]) for name, role in roles.items() for action in WRITES}
    mappings = [resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::Lambda::EventSourceMapping"]
    queues = {(roles[one["FunctionName"]["Ref"]], action, one["EventSourceArn"]["Fn::GetAtt"][0]) for one in mappings for action in TAKES}
    return logs | queues


def _granted(expanded: dict[str, Any]) -> dict[Permission, re.Pattern[str]]:
    """Each permission of each function's role, with what its resource looks like in the emulator."""
    granted = {}
    for name, resource in expanded["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role" or "lambda.amazonaws.com" not in json.dumps(resource["Properties"]["AssumeRolePolicyDocument"]):
            continue
        if resource["Properties"].get("ManagedPolicyArns"):
            raise StackError(f"{name} has a policy of AWS's own: nobody knows what that will grant tomorrow")
        for policy in resource["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in _list(statement["Action"]):
                    for target in _list(statement["Resource"]):
                        told, pattern = _target(target)
                        if (name, action, told) in granted:
                            raise StackError(f"{name} is granted {action} on {told} twice")
                        granted[(name, action, told)] = re.compile(pattern)
    return granted


def _target(target: Any) -> tuple[str, str]:
    """What a resource is called in the table, and the pattern of its ARNs."""
    if isinstance(target, dict) and "Fn::GetAtt" in target:
        name = target["Fn::GetAtt"][0]
        return name, rf".*[:/]quickbooks-{_physical(name)}\S*"
    text = target["Fn::Sub"] if isinstance(target, dict) else target
    if found := re.fullmatch(r"\$\{(\w+)\.Arn\}(/.*)", text):
        return found[1] + found[2], rf".*[:/]quickbooks-{found[1]}-[^/]*{re.escape(found[2])}"
    for name, value in KNOWN.items():
        text = text.replace("${" + name + "}", value)
    return text.rpartition(":")[2], fnmatch.translate(text)


def _physical(name: str) -> str:
    """How the emulator's name of a resource goes on after the stack's: named by us, or after its name in the template."""
    named = {"OutcomeQueue": "outcomes", "WakeQueue": "wake", "HealthQueue": "health"}
    return named.get(name, f"{name}-")


def _grant(granted: dict[Permission, re.Pattern[str]], line: dict[str, Any]) -> Permission | None:
    # In AWS sending in batches is SendMessage, and deleting in batches DeleteMessage.
    action = line["action"].removesuffix("Batch") if line["action"].startswith("sqs:") else line["action"]
    for (role, named, told), pattern in granted.items():
        if role == line["role"] and named == action and pattern.fullmatch(line["resource"]):
            return role, named, told
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
