"""The same job as a Python user would write it: `webhook` and `evaluate` with boto3.

It checks the signature, reduces the push, hands it over, reads the rules in parallel, claims each
start in a ledger, starts the pipelines and writes a decision record. Clients and the secret are
made once, and calls that do not wait for each other go out together, as AWS's guides advise.
"""

import base64
import concurrent.futures
import fnmatch
import hashlib
import hmac
import json
import os

import boto3
import botocore.config
import botocore.exceptions

BUCKET, PREFIX = os.environ["S3_BUCKET"], os.environ["S3_PREFIX"]
CONFIG = botocore.config.Config(max_pool_connections=32, s3={"addressing_style": "path"})
pool = concurrent.futures.ThreadPoolExecutor(32)
if os.environ["_HANDLER"].endswith("webhook"):
    functions = boto3.client("lambda", config=CONFIG)
    secrets = boto3.client("secretsmanager", config=CONFIG)
else:
    s3 = boto3.client("s3", config=CONFIG)
    pipelines = boto3.client("codepipeline", config=CONFIG)
kept_secret = None
kept_rules = {}


def webhook(event, context):
    global kept_secret
    headers = {name.lower(): value for name, value in event["headers"].items()}
    body = event["body"].encode()
    if event.get("isBase64Encoded"):
        body = base64.b64decode(event["body"])
    if kept_secret is None:
        answer = secrets.get_secret_value(SecretId=os.environ["GITHUB_SECRET_ARN"])
        kept_secret = answer["SecretString"].encode()
    expected = "sha256=" + hmac.new(kept_secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers.get("x-hub-signature-256", "")):
        return {"statusCode": 401, "body": "{}"}
    push = json.loads(body)
    paths = {
        path
        for commit in push["commits"]
        for kind in ("added", "modified", "removed")
        for path in commit[kind]
    }
    change = {
        "identity": hashlib.sha256(body).hexdigest(),
        "delivery": headers["x-github-delivery"],
        "repository": push["repository"]["full_name"],
        "branch": push["ref"].removeprefix("refs/heads/"),
        "after": push["after"],
        "paths": sorted(paths),
    }
    functions.invoke(
        FunctionName=os.environ["EVAL_FUNCTION_ARN"],
        InvocationType="Event",
        Payload=json.dumps({"change": change}),
    )
    return {"statusCode": 202, "body": json.dumps({"outcome": "accepted"})}


def evaluate(event, context):
    change = event["change"]
    folder = f"{PREFIX}/rules/github/{change['repository'].lower()}/"
    listed = [
        item
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=folder)
        for item in page.get("Contents", [])
    ]
    rules = pool.map(read, listed)
    starts = [(key, rule) for key, rule in rules if matches(rule, change)]
    outcomes = list(pool.map(lambda start: begin(*start, change), starts))
    record = {"change": {**change, "paths": len(change["paths"])}, "rules": outcomes}
    s3.put_object(
        Bucket=BUCKET,
        Key=f"{PREFIX}/decisions/{change['delivery']}.json",
        Body=json.dumps(record).encode(),
    )
    return record


def read(item):
    key, tag = item["Key"], item["ETag"]
    if kept_rules.get(key, (None,))[0] != tag:
        body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        kept_rules[key] = (tag, json.loads(body))
    return key, kept_rules[key][1]


def matches(rule, change):
    if not any(fnmatch.fnmatchcase(change["branch"], glob) for glob in rule["Branches"]):
        return False
    globs = rule.get("Paths", ["*"])
    return any(fnmatch.fnmatchcase(path, glob) for path in change["paths"] for glob in globs)


def begin(key, rule, change):
    identity = hashlib.sha256(f"{change['identity']}\n{key}".encode()).hexdigest()
    ledger = {"Bucket": BUCKET, "Key": f"{PREFIX}/ledger/{identity}"}
    try:
        s3.put_object(**ledger, Body=b'{"state":"starting"}', IfNoneMatch="*")
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return {"rule": key, "outcome": "already-started"}
    target = rule["Target"]["CodePipeline"]
    answer = pipelines.start_pipeline_execution(
        name=target["Name"],
        clientRequestToken=identity,
        sourceRevisions=[
            {
                "actionName": target["SourceAction"],
                "revisionType": "COMMIT_ID",
                "revisionValue": change["after"],
            }
        ],
    )
    s3.put_object(**ledger, Body=b'{"state":"started"}')
    return {"rule": key, "outcome": "started", "answer": answer["pipelineExecutionId"]}
