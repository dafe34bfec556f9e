"""What the gate of the end-to-end suite says about requests: one JSON document a line in, one out.

A request is refused unless botocore's signer signs it the same and AWS's own service model, as
botocore has it, allows it. `operations` are the names of those of a service.
"""

import base64
import datetime
import json
import sys
import types
from pathlib import Path

# The package without what its __init__ imports: moto is not needed here.
FOLDER = Path(__file__).resolve().parents[1] / "EndToEnd/local_aws"
package = types.ModuleType("local_aws")
package.__path__ = [str(FOLDER)]
sys.modules["local_aws"] = package

from local_aws.errors import Refused  # noqa: E402
from local_aws.http_server import Request  # noqa: E402
from local_aws.service_model import read_operation, service_model  # noqa: E402
from local_aws.signature import Key, verify  # noqa: E402


def judge(case):
    headers = [tuple(pair) for pair in case["headers"]]
    body = base64.b64decode(case["body"])
    request = Request(case["method"], case["target"], headers, body)
    now = datetime.datetime.fromisoformat(case["time"])
    try:
        scope = verify(request, Key(case["secret"], case["token"]), {case["region"]}, now)
        return {"operation": read_operation(request, scope.service).name}
    except Refused as refused:
        return {"refused": str(refused)}


for line in sys.stdin:
    case = json.loads(line)
    if "operations" in case:
        print(json.dumps({"operations": list(service_model(case["operations"]).operation_names)}))
    else:
        print(json.dumps(judge(case)))
