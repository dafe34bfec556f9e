"""A small soak: `make soak` sends 10,000 deliveries in the same way."""

from __future__ import annotations

import pytest

from soak import table
from soak.soak import Settings, soak

# The functions of a debug build are the same, slower; Swift's own tests fail its calls in turn.
pytestmark = pytest.mark.release_only("FaultTests.swift fails the calls of the debug build")


def test_a_few_hundred_deliveries_among_faults_start_what_they_must_once(bootstrap, tmp_path):
    settings = Settings(400, seed=7, seconds=150, timeout=4, outage=2)
    result = soak(bootstrap, tmp_path, settings)
    assert result.holds, table.text(result)
    # It has met what it is about.
    assert sum(result.troubles.values()) > 50, result.troubles
    assert result.troubles["killed before"] and result.troubles["killed after"]
    assert result.troubles["s3 away"] and result.troubles["answer lost"]
    assert result.counts["dead letters redriven"], result.counts
    assert {202, 200, 400, 401, 404, 503} <= set(result.statuses), result.statuses
