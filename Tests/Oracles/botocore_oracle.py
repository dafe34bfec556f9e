"""What botocore makes of a request: one JSON document a line in, one a line out.

`op` is `sign` (every stage of Signature Version 4), `endpoint` (where a service of a region
is) or `validate` (an operation's input against the service's own model).
"""

import base64
import datetime
import json
import re
import sys

import botocore.auth
import botocore.session
import botocore.validate
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SESSION = botocore.session.get_session()
SIGNERS = {
    ("s3", "header"): botocore.auth.S3SigV4Auth,
    ("s3", "query"): botocore.auth.S3SigV4QueryAuth,
    ("", "header"): botocore.auth.SigV4Auth,
    ("", "query"): botocore.auth.SigV4QueryAuth,
}


def freeze(timestamp):
    """Makes botocore sign at that moment."""
    moment = datetime.datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ")
    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda *_, **__: moment
        return

    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return moment

    class Module:
        datetime = Frozen

    botocore.auth.datetime = Module


def sign(case):
    service, form = case["service"], case["form"]
    kind = SIGNERS[("s3" if service == "s3" else "", form)]
    stages = {}

    class Recording(kind):
        def canonical_request(self, request):
            stages["canonicalRequest"] = super().canonical_request(request)
            return stages["canonicalRequest"]

        def string_to_sign(self, request, canonical_request):
            stages["stringToSign"] = super().string_to_sign(request, canonical_request)
            return stages["stringToSign"]

    freeze(case["time"])
    credentials = Credentials(case["accessKeyID"], case["secret"], case["token"])
    extra = {"expires": case["expires"]} if form == "query" else {}
    signer = Recording(credentials, service, case["region"], **extra)
    request = AWSRequest(method=case["method"], url=case["url"])
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    body = base64.b64decode(case["body"])
    if body:
        request.data = body
    signer.add_auth(request)
    if form == "query":
        stages["url"] = request.url
    else:
        stages["authorization"] = request.headers["Authorization"]
    return stages


def endpoint(case):
    resolver = SESSION.get_component("endpoint_resolver")
    partition = resolver.get_partition_for_region(case["region"])
    found = resolver.construct_endpoint(case["service"], case["region"], partition)
    return {"host": found["hostname"]}


def regions(case):
    partitions = SESSION.get_component("data_loader").load_data("partitions")["partitions"]
    names = [name for partition in partitions for name in partition["regions"]]
    return {"regions": [name for name in names if not name.endswith("-global")]}


def validate(case):
    """The input as the model sees it; botocore itself leaves enum, pattern and maximum out."""
    model = SESSION.get_service_model(case["service"])
    operation = model.operation_model(case["operation"])
    report = botocore.validate.ParamValidator().validate(case["input"], operation.input_shape)
    errors = [report.generate_report()] if report.has_errors() else []
    errors += strict(case["input"], operation.input_shape, "input")
    target = f"{model.metadata.get('targetPrefix')}.{case['operation']}"
    return {"errors": errors, "target": target, "apiVersion": model.api_version}


def java(pattern):
    """The pattern as Java reads it: there no line break of Unicode's matches a dot."""
    return re.sub(
        r"\\.|\[(?:\\.|[^\]\\])*\]|\.",
        lambda part: r"[^\n\r\x85\u2028\u2029]" if part[0] == "." else part[0],
        pattern,
    )


def strict(value, shape, path):
    errors = []
    if shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                errors.append(f"{path}.{name}: unknown")
            else:
                errors += strict(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        if len(value) > shape.metadata.get("max", len(value)):
            errors.append(f"{path}: too many")
        for index, element in enumerate(value):
            errors += strict(element, shape.member, f"{path}[{index}]")
    elif shape.type_name == "string":
        if len(value) > shape.metadata.get("max", len(value)):
            errors.append(f"{path}: too long")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(java(pattern), value):
            errors.append(f"{path}: does not match {pattern}")
        if shape.enum and value not in shape.enum:
            errors.append(f"{path}: not one of {shape.enum}")
    return errors


def sample(case):
    """A value for a shape of a service in which every member has one."""
    return {"value": filled(SESSION.get_service_model(case["service"]).shape_for(case["shape"]))}


def filled(shape, name=""):
    if shape.type_name == "structure":
        return {name: filled(member, name) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [filled(shape.member, name)]
    if shape.type_name == "map":
        return {filled(shape.key, name): filled(shape.value, name)}
    if shape.type_name == "string":
        return shape.enum[-1] if shape.enum else name.ljust(shape.metadata.get("min", 1), "x")
    return {"integer": max(1, shape.metadata.get("min", 1)), "boolean": True}[shape.type_name]


OPERATIONS = {
    "sign": sign,
    "endpoint": endpoint,
    "regions": regions,
    "sample": sample,
    "validate": validate,
}

for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(OPERATIONS[case["op"]](case)))
