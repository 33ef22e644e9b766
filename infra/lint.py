"""Checks template.yaml as AWS will see it.

SAM hides its events from a linter: a queue that hides messages for less time than the function runs passes unseen.
So the template is expanded first, by the translator SAM itself uses, and then checked by cfn-lint, by checkov (checkov.yaml
says what it is not to ask, and why), by `sam validate --lint`, and by the rules below, which are ours.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "local"))

# SAM tells AWS of its use otherwise, and wants a region to validate for.
QUIET = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "ca-central-1"}

from stack.template import expand  # noqa: E402


def main() -> int:
    """Prints what is wrong with the template; 0 where nothing is."""
    expanded = expand(ROOT / "template.yaml", {"Environment": "production", "AppMarketUrl": "https://example.com", "PublicUrl": "https://example.com"})
    problems = [*queues(expanded), *environment(expanded), *deployments(expanded), *metrics(expanded)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(expanded, file)
        file.flush()
        linters = [
            [str(Path(sys.executable).parent / "cfn-lint"), "-r", "ca-central-1", "--", file.name],
            [str(ROOT / ".local" / "checkov" / "bin" / "checkov"), "--config-file", str(ROOT / "infra" / "checkov.yaml"), "-f", file.name],
            # The template as SAM reads it.
            [str(ROOT / ".local" / "lint" / "bin" / "sam"), "validate", "--lint", "--template", str(ROOT / "template.yaml")],
        ]
        running = [subprocess.Popen(linter, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=QUIET) for linter in linters]
        for linter in running:
            said, _ = linter.communicate()
            if linter.returncode != 0:
                problems.append(said.strip())
    for problem in problems:
        print(problem)
    print(f"template: {len(expanded['Resources'])} resources, {len(problems)} problems")
    return 1 if problems else 0


def queues(expanded: dict) -> list[str]:
    """Queues that would lose or repeat messages."""
    resources, values = expanded["Resources"], expanded["Parameters"]
    number = {name: float(parameter["Default"]) for name, parameter in values.items() if parameter["Type"] == "Number"}
    problems = []
    if number["VisibilitySeconds"] < 6 * number["FunctionTimeoutSeconds"]:
        problems.append("VisibilitySeconds is less than six times FunctionTimeoutSeconds")
    if number["WakeVisibilitySeconds"] < 6 * number["DrainTimeoutSeconds"]:
        problems.append("WakeVisibilitySeconds is less than six times DrainTimeoutSeconds")
    if number["HealthVisibilitySeconds"] < 6 * number["HealthTimeoutSeconds"]:
        problems.append("HealthVisibilitySeconds is less than six times HealthTimeoutSeconds")
    if number["VisibilitySeconds"] < number["LeaseSeconds"] + number["QuiescenceSeconds"]:
        problems.append("VisibilitySeconds is less than a lease plus quiescence: a crash would be looked at too early")
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                problems.append(f"{name} would return or delete whole batches: ReportBatchItemFailures is missing")
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in properties:
            dead = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            if resources[dead]["Properties"].get("FifoQueue") != properties.get("FifoQueue"):
                problems.append(f"{name} and its dead letters {dead} are not of one kind")
        # Of one name in a Region, whatever the stack is called.
        if resource["Type"] == "AWS::Scheduler::Schedule" and isinstance(properties.get("Name"), str):
            problems.append(f"{name} has the name {properties['Name']} in every stack: the second could not be deployed")
        if resource["Type"] == "AWS::DynamoDB::Table" and resource.get("DeletionPolicy") != "Retain":
            problems.append(f"{name} would be deleted with the stack")
    return problems


def environment(expanded: dict) -> list[str]:
    """Variables that the template sets and nobody reads, or the other way round."""
    source = ROOT / "functions" / "common" / "src"
    config = "".join(path.read_text(encoding="utf-8") for path in [source / "config.rs", *sorted((source / "config").glob("*.rs"))])
    # REVISION is read by nobody: another value starts a function anew.
    found = set(re.findall(r'reader\s*\.(?:text|url|number|switch|day|refresh_tokens_in)\(\s*"([A-Z_]+)"', config))
    # The region is Lambda's own to give.
    read = {"REVISION"} | found - {"AWS_REGION"}
    problems = []
    for name, resource in expanded["Resources"].items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        is_set = set(resource["Properties"]["Environment"]["Variables"])
        problems += [f"{name} is given {variable}, which nobody reads" for variable in sorted(is_set - read)]
        problems += [f"{name} is not given {variable}" for variable in sorted(read - is_set)]
    return problems


def deployments(expanded: dict) -> list[str]:
    """Parameters that a deployment of samconfig.toml would have to be asked for, or gets wrong."""
    parameters = expanded["Parameters"]
    # Without a default, with an empty one, and with one that only stands for somebody's own.
    needed = {name for name, of in parameters.items() if str(of.get("Default", "")) == "" or ".example" in str(of["Default"])}
    problems = []
    for name, deployment in tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8")).items():
        if not isinstance(deployment, dict) or "deploy" not in deployment:
            continue
        given = deployment["deploy"]["parameters"]["parameter_overrides"]
        problems += [f"samconfig.toml does not say {parameter} for {name}" for parameter in sorted(needed - set(given))]
        if given.get("Environment") == "production" and not given.get("AlarmMail"):
            problems.append(f"samconfig.toml says no AlarmMail for {name}: no alarm would reach anybody")
        for parameter, value in given.items():
            of = parameters.get(parameter)
            if of is None:
                problems.append(f"samconfig.toml says {parameter} for {name}, which the template does not know")
            elif value not in map(str, of.get("AllowedValues", [value])) or not re.fullmatch(of.get("AllowedPattern", ".*"), value):
                problems.append(f"samconfig.toml says {parameter} = {value} for {name}, which the template does not take")
    return problems


def metrics(expanded: dict) -> list[str]:
    """Metrics that functions write and nobody looks at, or the other way round."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.rs"))
    written = set(re.findall(r"\bmetric\.(\w+) =", code))
    shown, watched = set(), set()
    for resource in expanded["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::CloudWatch::Dashboard":
            body = json.dumps(properties["DashboardBody"]).replace("\\", "")
            shown |= set(re.findall(r'"\$\{AWS::StackName\}", ?"(\w+)"|MetricName="(\w+)"', body))
        if resource["Type"] == "AWS::CloudWatch::Alarm" and properties.get("Namespace") == {"Ref": "AWS::StackName"}:
            watched |= {properties["MetricName"]}
    shown = {name for names in shown for name in names if name}
    return [
        *(f"the metric {name} is written and not on the dashboard" for name in sorted(written - shown)),
        *(f"nobody writes the metric {name}" for name in sorted((shown | watched) - written)),
    ]


if __name__ == "__main__":
    sys.exit(main())
