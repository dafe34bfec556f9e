"""A stand-in for the REST API of Gitea and Forgejo that is stricter than they are.

What is here: comparisons, the files of pull requests and commit statuses. No page says how they
behave, so each rule names the file of https://github.com/go-gitea/gitea that makes it so, or says
where Forgejo (https://codeberg.org/forgejo/forgejo) differs. What no client should ever send is
refused and kept in `GiteaAPI.violations`.
"""

from provider_api import Fault

from .access import Token
from .answers import refusal_of
from .api import GiteaAPI

__all__ = ["Fault", "GiteaAPI", "Token", "refusal_of"]
