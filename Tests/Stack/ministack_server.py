"""MiniStack, with what this stack needs of CloudFormation and MiniStack 1.5.33 has otherwise.

- An HTTP API that is made of an OpenAPI `Body`, as SAM's are, has no routes there: here each
  operation of the body becomes a route and its integration.
- `AWS::CodePipeline::Pipeline` is not known there.
- `Fn::Join` in a condition is nothing there.
- `Ref` of a secret is its name there, on AWS its ARN.
- A role whose name is another's takes its place there; AWS refuses it.
- It is spoken to by plain HTTP, on the loopback interface. That counts as TLS here, so that bucket
  policies, which refuse whatever else, are in force otherwise.
"""

from __future__ import annotations

from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.engine import _evaluate_conditions
from ministack.services.cloudformation.provisioners import (
    _apigw_v2,
    _apigw_v2_api_create,
    _apigw_v2_api_update,
    _apigw_v2_integration_create,
    _apigw_v2_route_create,
    _iam,
    _iam_role_create,
    _sm_secret_create,
    _sm_secret_delete,
    _sm_secret_update,
)

import pipeline_resource

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]  # the physical id, and the attributes


def create_api(logical_id: str, properties: Properties, stack: str) -> Created:
    api, attributes = _apigw_v2_api_create(logical_id, properties, stack)
    create_routes(api, properties)
    return api, attributes


def update_api(api: str, old: Properties, new: Properties, *rest: str) -> Created:
    updated, attributes = _apigw_v2_api_update(api, old, new, *rest)
    _apigw_v2._routes[updated] = {}
    _apigw_v2._integrations[updated] = {}
    create_routes(updated, new)
    return updated, attributes


def create_routes(api: str, properties: Properties) -> None:
    for path, operations in properties["Body"]["paths"].items():
        for method, operation in operations.items():
            described = operation["x-amazon-apigateway-integration"]
            integration = {
                "ApiId": api,
                "IntegrationType": described["type"].upper(),
                "IntegrationUri": described["uri"],
                "PayloadFormatVersion": described["payloadFormatVersion"],
            }
            target, _ = _apigw_v2_integration_create("", integration, "")
            route = {
                "ApiId": api,
                "RouteKey": f"{method.upper()} {path}",
                "Target": f"integrations/{target}",
            }
            _apigw_v2_route_create("", route, "")


def evaluate_conditions(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
    def join(value: Any) -> Any:
        match value:
            case {"Fn::Join": [separator, {"Ref": name}]}:
                return separator.join(parameters[name]["Value"].split(","))
            case dict():
                return {name: join(item) for name, item in value.items()}
            case list():
                return [join(item) for item in value]
        return value

    conditions = join(template.get("Conditions", {}))
    return _evaluate_conditions(template | {"Conditions": conditions}, parameters)


def create_secret(logical_id: str, properties: Properties, stack: str) -> Created:
    _, attributes = _sm_secret_create(logical_id, properties, stack)
    return attributes["Arn"], attributes


def update_secret(arn: str, old: Properties, new: Properties, *rest: str) -> Created:
    _, attributes = _sm_secret_update(secret_name(arn), old, new, *rest)
    return attributes["Arn"], attributes


def delete_secret(arn: str, properties: Properties) -> None:
    _sm_secret_delete(secret_name(arn), properties)


def secret_name(arn: str) -> str:
    return arn.rsplit(":", 1)[1][: -len("-012345")]


def create_role(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("RoleName")
    if name in _iam._roles:
        raise ValueError(f"Role with name {name} already exists.")
    return _iam_role_create(logical_id, properties, stack)


def pin_request_origin(source_ip: str, _: bool) -> None:
    iam_evaluator._request_origin.set((source_ip, True))


app.pin_request_origin = pin_request_origin
for module in (changesets, engine, handlers, provisioners, stacks):
    module._evaluate_conditions = evaluate_conditions
HANDLERS = provisioners._RESOURCE_HANDLERS
HANDLERS["AWS::ApiGatewayV2::Api"] |= {"create": create_api, "update": update_api}
HANDLERS["AWS::IAM::Role"] |= {"create": create_role}
HANDLERS["AWS::SecretsManager::Secret"] |= {
    "create": create_secret,
    "update": update_secret,
    "delete": delete_secret,
}

HANDLERS["AWS::CodePipeline::Pipeline"] = {
    "create": pipeline_resource.create,
    "update": pipeline_resource.update,
    "delete": pipeline_resource.delete,
}

if __name__ == "__main__":
    app.main()
