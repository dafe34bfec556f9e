"""The release's `webhook` function as a peer, with the AWS that it hands over to."""

from measure import Peer
from push import SECRET

REGION = "eu-west-1"


def environment(aws_url):
    return {
        "S3_BUCKET": "benchmark",
        "S3_PREFIX": "pointsman",
        "EVAL_FUNCTION_ARN": f"arn:aws:lambda:{REGION}:123456789012:function:evaluate",
        "GITHUB_SECRET": SECRET,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_LAMBDA_LOG_LEVEL": "ERROR",
    }


def peer(bootstrap, aws_url):
    return Peer("webhook", [bootstrap, "webhook"], {**environment(aws_url), "_HANDLER": "webhook"})
