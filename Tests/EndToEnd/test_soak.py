"""A small soak: `make soak` sends 10,000 deliveries in the same way."""

from __future__ import annotations

import pytest

from local_aws.http_server import Request, Response
from local_aws.objects import Objects
from soak import table
from soak.lambda_service import Pace
from soak.soak import Settings, Soak, soak
from soak.stack import Stack

# The functions of a debug build are the same, slower; Swift's own tests fail its calls in turn.
pytestmark = pytest.mark.release_only("FaultTests.swift fails the calls of the debug build")

SMALL = Settings(400, seed=7, seconds=150, timeout=4, outage=2)


def test_a_few_hundred_deliveries_among_faults_start_what_they_must_once(bootstrap, tmp_path):
    result = soak(bootstrap, tmp_path, SMALL)
    assert result.holds, table.text(result)
    # It has met what it is about.
    assert sum(result.troubles.values()) > 50, result.troubles
    assert result.troubles["killed before"] and result.troubles["killed after"]
    assert result.troubles["s3 away"] and result.troubles["answer lost"]
    assert result.counts["dead letters redriven"], result.counts
    assert {202, 200, 400, 401, 404, 503} <= set(result.statuses), result.statuses


class WithoutConditions(Objects):
    """A bucket that writes whatever it is told, so that every claim in the ledger succeeds."""

    def _put(self, bucket: str, key: str, request: Request) -> Response:
        headers = [each for each in request.headers if not each[0].lower().startswith("if-")]
        return super()._put(bucket, key, Request(request.method, key, headers, request.body))


def test_a_ledger_that_keeps_nobody_off_is_found_out(bootstrap, tmp_path):
    pace = Pace.of(SMALL.timeout)
    with Stack(bootstrap, tmp_path, SMALL.seed, pace, WithoutConditions()) as stack:
        result = Soak(stack, SMALL).run()
    assert result.broken["nothing is started twice"], table.text(result)
