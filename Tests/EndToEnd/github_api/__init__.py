"""A stand-in for GitHub's REST API that is stricter than GitHub.

What is here: pull requests, their files and comparisons, who may push, commit statuses, GitHub
Apps with their installations and tokens, and the deliveries of webhooks. Each rule names the page
of GitHub's documentation that states it; what no page states is said to be seen. What no client
should ever send is refused and kept in `GitHubAPI.violations`.
"""

from provider_api import Fault

from .access import App, Installation
from .answers import refusal_of
from .api import GitHubAPI
from .deliveries import Delivery, Hook

__all__ = ["App", "Delivery", "Fault", "GitHubAPI", "Hook", "Installation", "refusal_of"]
