"""A local AWS for the session, and a stack on it that `deploy.sh` has made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_cloud import LocalCloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    cloud = LocalCloud(tmp_path_factory.mktemp("ministack"))
    yield cloud
    cloud.close()


@pytest.fixture(scope="session")
def pointsman(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a stack; that of its exports is the same."""
    parameters = tmp_path_factory.mktemp("pointsman") / "parameters"
    parameters.write_text("ConfigStorageS3BucketName=rules\nResourceRoleName=\n")
    ended = cloud.deploy("--parameters", str(parameters), "--parameter", "AccountName=pointsman")
    assert ended.returncode == 0, ended.stderr
    cloud.admit("pointsman")
    return "pointsman"
