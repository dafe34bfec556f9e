"""What botocore makes of a request: one JSON document a line in, one a line out.

`op` is `sign` (every stage of Signature Version 4), `endpoint` (where a service of a region
is), `regions` (all that there are) or `sample` (a value of a service's shape).
"""

import base64
import datetime
import json
import sys

import botocore.auth
import botocore.session
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
}

for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(OPERATIONS[case["op"]](case)))
