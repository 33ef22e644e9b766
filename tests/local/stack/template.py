"""The template that ships, expanded to what an emulator can deploy."""

import json
import os
import re
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

REGION = "ca-central-1"


class _NoManagedPolicies:
    """Stands for the list of managed policies, which would be asked of IAM."""

    def load(self) -> dict:
        return {}


def expand(path: Path, parameters: dict[str, str], architecture: str | None = None) -> dict[str, Any]:
    """Gives plain CloudFormation: SAM's functions, roles, mappings and routes written out."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://code/" + resource["Metadata"]["BuildProperties"]["Binary"] + ".zip"
    if architecture:
        template["Globals"]["Function"]["Architectures"] = [architecture]
    values = {**parameters, "AWS::Region": REGION}
    # The translator asks its AWS session for a region, and for nothing else.
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    expanded = transform(template, values, _NoManagedPolicies())
    expanded.pop("Transform", None)
    # Through JSON, so that shared parts of the YAML become values of their own.
    expanded = json.loads(json.dumps(expanded))
    _write_out_routes(expanded["Resources"])
    return expanded


def safe_times(path: Path) -> dict[str, str]:
    """The waiting times that ship, by their parameters."""
    parameters = yaml_parse(path.read_text(encoding="utf-8"))["Parameters"]
    return {name: str(parameter["Default"]) for name, parameter in parameters.items() if name.endswith("Seconds")}


def for_emulator(expanded: dict[str, Any]) -> dict[str, Any]:
    """Gives the same template as the emulator speaks it.

    In AWS sqs:SendMessage permits sending in batches too, and no permission of that name exists. ministack asks for one. It
    also compares a mapping's highest concurrency as text with a number, and works one batch at a time anyway.
    """
    spoken = json.loads(json.dumps(expanded))
    for resource in spoken["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"].pop("ScalingConfig", None)
        for policy in resource.get("Properties", {}).get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if "sqs:SendMessage" in actions:
                    statement["Action"] = [*actions, "sqs:SendMessageBatch"]
    return spoken


def _write_out_routes(resources: dict[str, Any]) -> None:
    """Turns an HTTP API's OpenAPI body, which the emulator ignores, into integrations and routes."""
    for name, api in list(resources.items()):
        if api["Type"] != "AWS::ApiGatewayV2::Api" or "Body" not in api["Properties"]:
            continue
        body = api["Properties"].pop("Body")
        api["Properties"].pop("FailOnWarnings", None)
        api["Properties"].update({"Name": name, "ProtocolType": "HTTP"})
        for route, methods in body["paths"].items():
            for method, operation in methods.items():
                _write_out_route(resources, name, route, method, operation)


def _write_out_route(resources: dict[str, Any], api: str, route: str, method: str, operation: dict[str, Any]) -> None:
    integration = operation["x-amazon-apigateway-integration"]
    function = re.search(r"\$\{(\w+)\.Arn\}", json.dumps(integration["uri"])).group(1)
    key = "$default" if route == "/$default" else f"{method.upper()} {route}"
    stem = api + re.sub(r"\W", "", f"{method}{route}")
    resources[f"{stem}Integration"] = {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": {"Ref": api},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Fn::GetAtt": [function, "Arn"]},
            "PayloadFormatVersion": integration["payloadFormatVersion"],
        },
    }
    resources[f"{stem}Route"] = {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {
            "ApiId": {"Ref": api},
            "RouteKey": key,
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": f"{stem}Integration"}]]},
        },
    }
