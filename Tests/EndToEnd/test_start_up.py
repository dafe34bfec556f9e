"""What stops the process before its first event, and what it says then."""

from __future__ import annotations

import json

import pytest

from local_aws.lambda_function import LambdaFunction
from site_under_test import Site

REQUIRED = {
    "webhook": ["S3_BUCKET", "S3_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID"]
    + ["AWS_SECRET_ACCESS_KEY", "EVAL_FUNCTION_ARN"],
    "evaluate": ["S3_BUCKET", "S3_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID"]
    + ["AWS_SECRET_ACCESS_KEY"],
    "resource": ["S3_BUCKET", "S3_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID"]
    + ["AWS_SECRET_ACCESS_KEY"],
}
CASES = [(handler, name) for handler, names in REQUIRED.items() for name in names]


def init_error(site: Site, handler: str, environment: dict[str, str]) -> str:
    """The message of the one init error, of a process that ended with status 1."""
    with LambdaFunction(site.bootstrap, handler, environment) as function:
        assert function.wait_for_exit() == 1, function.log
        error = function.init_error
        assert error is not None, function.log
        assert error.error_type and error.error_type.startswith("Runtime."), error
        assert not function.answers
        assert not function.strays
        body = json.loads(error.body)
        assert body["errorType"] == error.error_type
        return body["errorMessage"]


@pytest.mark.parametrize("how", ["absent", "empty"])
@pytest.mark.parametrize(("handler", "name"), CASES)
def test_a_missing_variable_is_an_init_error_that_names_it(site, handler, name, how):
    environment = site.environment
    environment.pop(name)
    if how == "empty":
        environment[name] = ""
    assert name in init_error(site, handler, environment)


def test_an_unknown_handler_is_an_init_error_that_names_it(site):
    assert "bootstrap.main" in init_error(site, "bootstrap.main", site.environment)


def test_a_malformed_endpoint_is_an_init_error_that_names_it(site):
    environment = site.environment | {"AWS_ENDPOINT_URL_S3": "not a url"}
    assert "AWS_ENDPOINT_URL_S3" in init_error(site, "evaluate", environment)


def test_no_secret_is_ever_written(site):
    environment = site.environment
    environment.pop("S3_BUCKET")
    with LambdaFunction(site.bootstrap, "webhook", environment) as function:
        function.wait_for_exit()
        assert environment["AWS_SECRET_ACCESS_KEY"] not in function.log
