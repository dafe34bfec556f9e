"""Who asks, and what they may ask.

Tokens have scopes (models/auth/access_token_scope.go), and their user an access mode in each
repository (models/perm/access_mode.go).
"""

from __future__ import annotations

from dataclasses import dataclass

from .answers import Refused, not_found

READ, WRITE = "read", "write"
ALL = "all"


@dataclass
class Token:
    """An access token, and its user's part in repositories."""

    scopes: frozenset[str] = frozenset({ALL})
    """Such as `write:repository`, which contains `read:repository`."""
    repositories: dict[str, str] | None = None
    """The user's access mode by full name, in lower case; none is write everywhere."""

    def require_scope(self, level: str) -> None:
        """`tokenRequiresScopes`, routers/api/v1/api.go."""
        sufficient = {READ: {"read:repository", "write:repository"}, WRITE: {"write:repository"}}
        if not self.scopes & ({ALL} | sufficient[level]):
            raise Refused(
                403,
                f"token does not have at least one of required scope(s): [{level}:repository]",
            )

    def require_access(self, repository: str, level: str) -> None:
        """What a user does not see is not there (`repoAssignment`, routers/api/v1/api.go)."""
        if self.repositories is None:
            return
        mode = self.repositories.get(repository.lower())
        if mode is None:
            raise not_found()
        if level == WRITE and mode != WRITE:
            raise Refused(403, "user should have a permission to write to a repo")


class Access:
    """All tokens that are known."""

    def __init__(self, token: str) -> None:
        self._tokens = {token: Token()}

    def add(self, token: str, *scopes: str, repositories: dict[str, str] | None = None) -> None:
        """Makes a token known that has these scopes alone, and its user's access modes."""
        modes = repositories and {name.lower(): mode for name, mode in repositories.items()}
        self._tokens[token] = Token(frozenset(scopes), modes)

    def revoke(self, token: str) -> None:
        del self._tokens[token]

    def token(self, value: str) -> Token:
        found = self._tokens.get(value)
        if found is None:
            # services/auth/oauth2.go and routers/api/v1/api.go: `apiAuth`.
            raise Refused(401, "invalid username, password or token")
        return found
