"""Deploys the template that ships to an emulator."""

import base64
import io
import json
import os
import platform
import zipfile
from pathlib import Path
from typing import Any

import boto3

from .processes import StackError, wait_for
from .template import REGION, expand, for_emulator

STACK_NAME = "quickbooks"

TEMPLATE_URL = f"https://s3.{REGION}.amazonaws.com/code/template.json"

# The emulator runs functions on this machine, whatever they are built for when shipped.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "x86_64")


def session(credentials: dict[str, str]) -> boto3.Session:
    """A session of the stack's administrator."""
    return boto3.Session(
        aws_access_key_id=credentials["access_key_id"],
        aws_secret_access_key=credentials["secret_access_key"],
        region_name=REGION,
    )


def deploy(
    root: Path,
    endpoint: str,
    credentials: dict[str, str],
    parameters: dict[str, str],
    code: dict[str, Path],
    runs_code: bool,
    launch_keys: list[dict[str, Any]] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Deploys; gives the expanded template and its outputs.

    `code` holds each function's program by its name in the template. `runs_code` says whether the emulator runs
    functions itself; where it does not, they and what wakes them are left out. `launch_keys` are the App Market's
    public keys, as JWKs.
    """
    aws = session(credentials)
    expanded = expand(root / "template.yaml", parameters, ARCHITECTURE)
    if runs_code:
        s3 = aws.client("s3", endpoint_url=endpoint)
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        for name, program in code.items():
            s3.put_object(Bucket="code", Key=f"{name}.zip", Body=_zipped(program))
        # Longer than a template in a request may be, so that it comes from a bucket, as it does where it ships.
        s3.put_object(Bucket="code", Key="template.json", Body=json.dumps(for_emulator(expanded)).encode())
        wanted = {"TemplateURL": TEMPLATE_URL}
    else:
        wanted = {"TemplateBody": json.dumps(_without_code(expanded))}
    cloudformation = aws.client("cloudformation", endpoint_url=endpoint)
    cloudformation.create_stack(
        StackName=STACK_NAME,
        **wanted,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    outputs = wait_for("the stack to be deployed", lambda: _outputs(cloudformation))
    if not runs_code:
        outputs |= _by_name(outputs)
    _put_secrets(aws, endpoint, outputs, launch_keys or [])
    _let_mails_out(aws, endpoint, parameters, runs_code)
    return expanded, outputs


def update(stack: Any, changed: dict[str, str]) -> None:
    """Updates the stack in place with other values of some parameters; fails where anything it holds data in became another."""
    cloudformation = session(stack.credentials).client("cloudformation", endpoint_url=stack.endpoint)
    before = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["Parameters"]
    values = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in before} | changed
    cloudformation.update_stack(
        StackName=STACK_NAME,
        TemplateURL=TEMPLATE_URL,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    outputs = wait_for("the stack to be updated", lambda: _outputs(cloudformation), 60)
    if outputs != stack.outputs:
        raise StackError(f"the update made other things: {outputs} and not {stack.outputs}")


def tear_down(stack: Any) -> list[tuple[str, str]]:
    """Deletes the stack; gives what of it is still there, by kind."""
    aws = session(stack.credentials)
    cloudformation = aws.client("cloudformation", endpoint_url=stack.endpoint)
    resources = cloudformation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    cloudformation.delete_stack(StackName=STACK_NAME)

    def is_gone() -> bool:
        stacks = cloudformation.list_stacks()["StackSummaries"]
        return all(one["StackStatus"] == "DELETE_COMPLETE" for one in stacks if one["StackName"] == STACK_NAME)

    wait_for("the stack to be deleted", is_gone, 60)
    there = _there(aws, stack.endpoint)
    return [(one["ResourceType"], one["LogicalResourceId"]) for one in resources if one["PhysicalResourceId"] in there]


def _there(aws: boto3.Session, endpoint: str) -> set[str]:
    """The names of everything of ours that the emulator has, as CloudFormation names them."""

    def ask(service: str, operation: str, field: str, name: str | None = None) -> list[str]:
        answer = getattr(aws.client(service, endpoint_url=endpoint), operation)()
        return [one[name] if name else one for one in answer.get(field, [])]

    keys = aws.client("kms", endpoint_url=endpoint)
    living = [key for key in ask("kms", "list_keys", "Keys", "KeyId") if keys.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]]
    secrets = ask("secretsmanager", "list_secrets", "SecretList", "Name") + ask("secretsmanager", "list_secrets", "SecretList", "ARN")
    return {
        *ask("dynamodb", "list_tables", "TableNames"),
        *ask("sqs", "list_queues", "QueueUrls"),
        *secrets,
        *living,
        *ask("lambda", "list_functions", "Functions", "FunctionName"),
        *ask("iam", "list_roles", "Roles", "RoleName"),
        *ask("logs", "describe_log_groups", "logGroups", "logGroupName"),
        *ask("sns", "list_topics", "Topics", "TopicArn"),
        *ask("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        *ask("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
        *ask("apigatewayv2", "get_apis", "Items", "ApiId"),
        *ask("scheduler", "list_schedules", "Schedules", "Name"),
    }


def _outputs(cloudformation: Any) -> dict[str, str] | None:
    stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    status = stack["StackStatus"]
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if status.endswith("IN_PROGRESS"):
        return None
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    ]
    raise StackError(f"the template could not be deployed ({status}): " + "; ".join(reasons))


def _zipped(program: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, program.read_bytes())
    return packed.getvalue()


def _without_code(expanded: dict[str, Any]) -> dict[str, Any]:
    kept = ("AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::KMS::Key")
    resources = {name: resource for name, resource in expanded["Resources"].items() if resource["Type"] in kept}
    gone = expanded["Resources"].keys() - resources.keys()
    outputs = {name: told for name, told in expanded["Outputs"].items() if _refers_to(told["Value"]) not in gone}
    return {**expanded, "Resources": resources, "Outputs": outputs}


def _refers_to(value: Any) -> str | None:
    return value.get("Ref") if isinstance(value, dict) else None


def _by_name(outputs: dict[str, str]) -> dict[str, str]:
    names = {"TokenKeys": "token-keys", "PayloadKeys": "payload-keys", "AppSecret": "app"}
    return {output: f"{STACK_NAME}-{name}" for output, name in names.items()} | outputs


def _let_mails_out(aws: boto3.Session, endpoint: str, parameters: dict[str, str], runs_code: bool) -> None:
    """Proves the sender's domain to the mail service, as its DNS records would."""
    ses = aws.client("ses", endpoint_url=endpoint)
    ses.verify_domain_identity(Domain=parameters["MailFrom"].rpartition("@")[2].rstrip(">"))
    if not runs_code:
        ses.create_configuration_set(ConfigurationSet={"Name": f"{STACK_NAME}-mails"})


def _put_secrets(aws: boto3.Session, endpoint: str, outputs: dict[str, str], launch_keys: list[dict[str, Any]]) -> None:
    def ring() -> dict[str, Any]:
        return {"current": "k1", "keys": {"k1": base64.b64encode(os.urandom(32)).decode()}}

    app = {"client_id": "demo-client", "client_secret": "demo-secret", "launch_keys": {"keys": launch_keys}}
    secrets = aws.client("secretsmanager", endpoint_url=endpoint)
    for output, content in (("TokenKeys", ring()), ("PayloadKeys", ring()), ("AppSecret", app)):
        name, text = outputs[output], json.dumps(content)
        try:
            secrets.put_secret_value(SecretId=name, SecretString=text)
        except secrets.exceptions.ResourceNotFoundException:
            secrets.create_secret(Name=name, SecretString=text)
