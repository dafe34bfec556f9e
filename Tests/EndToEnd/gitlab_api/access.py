"""Who asks, and what they may ask: tokens with scopes, and their users' roles in projects.

https://docs.gitlab.com/user/profile/personal_access_tokens/#personal-access-token-scopes
https://docs.gitlab.com/user/permissions/
"""

from __future__ import annotations

from dataclasses import dataclass

from .answers import Refused, forbidden, not_found, oauth_error

ROLES = ["guest", "reporter", "developer", "maintainer"]


@dataclass
class Token:
    """An access token, and its user's part in projects."""

    user: str
    scopes: frozenset[str] = frozenset({"api"})
    roles: dict[str, str] | None = None
    """The user's role by the project's path, in lower case; none is maintainer everywhere."""
    expired: bool = False

    def require_scope(self, scope: str) -> None:
        """`api` grants everything, `read_api` what only reads."""
        if "api" not in self.scopes and not (scope == "read_api" and "read_api" in self.scopes):
            raise oauth_error(
                403,
                "insufficient_scope",
                "The request requires higher privileges than provided by the access token.",
                scope="api" if scope == "api" else "api read_api",
            )

    def require_role(self, path: str, role: str) -> None:
        """A private project that a user is no member of is not there."""
        if self.roles is None:
            return
        has = self.roles.get(path.lower())
        if has is None:
            raise not_found("Project")
        if ROLES.index(has) < ROLES.index(role):
            raise forbidden()


class Access:
    """All tokens that are known."""

    def __init__(self, token: str) -> None:
        self._tokens = {token: Token("pointsman")}

    def add(
        self,
        token: str,
        *scopes: str,
        roles: dict[str, str] | None = None,
        user: str = "somebody",
    ) -> Token:
        """Makes a token known that has these scopes alone, and its user's roles."""
        lower = roles and {path.lower(): role for path, role in roles.items()}
        self._tokens[token] = Token(user, frozenset(scopes), lower)
        return self._tokens[token]

    def revoke(self, token: str) -> None:
        del self._tokens[token]

    def token(self, value: str) -> Token:
        found = self._tokens.get(value)
        if found is None:
            raise Refused(401, "401 Unauthorized")
        if found.expired:
            raise oauth_error(
                401,
                "invalid_token",
                "Token is expired. You can either do re-authorization or token refresh.",
            )
        return found
