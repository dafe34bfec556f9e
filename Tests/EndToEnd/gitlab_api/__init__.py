"""A stand-in for GitLab's REST API that is stricter than GitLab.

What is here: comparisons, merge requests with their diffs, and commit statuses with their states.
Each rule names the page of GitLab's documentation that states it, or the file of
https://gitlab.com/gitlab-org/gitlab that makes it so. What no client should ever send is refused
and kept in `GitLabAPI.violations`.
"""

from provider_api import Fault

from .access import Token
from .answers import refusal_of
from .api import GitLabAPI
from .project import MergeRequest, Project

__all__ = ["Fault", "GitLabAPI", "MergeRequest", "Project", "Token", "refusal_of"]
