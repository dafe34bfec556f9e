"""Who asks, and what they may ask: tokens, and GitHub Apps with their installations.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .answers import DOCUMENTATION, USER, Refused, invalid

APPS = f"{DOCUMENTATION}/apps/apps"
LONGEST_JWT = 600
""""The time must be no more than 10 minutes into the future": in seconds."""
LIFETIME = timedelta(hours=1)
""""The installation access token will expire after 1 hour"."""
LEVELS = ["read", "write", "admin"]
METADATA = {"metadata": "read"}
"""Comes with each permission that a repository is needed for.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""
UNREADABLE = "A JSON web token could not be decoded"


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    name: str
    kind: str
    """`classic`, `fine-grained`, `installation` or `app`."""
    permissions: Mapping[str, str] | None = None
    """What it may do; none is everything, as of a classic token with all scopes."""
    repositories: frozenset[str] | None = None
    """Those it reaches, in lower case; none is all."""
    app: App | None = None
    expires: datetime | None = None

    def require(self, permission: str, level: str, page: str) -> None:
        if self.permissions is None:
            return
        has = self.permissions.get(permission)
        if has is None or LEVELS.index(has) < LEVELS.index(level):
            whose = {"installation": "integration"}.get(self.kind, "personal access token")
            raise Refused(403, f"Resource not accessible by {whose}", page)

    def reaches(self, repository: str) -> bool:
        return self.repositories is None or repository.lower() in self.repositories


@dataclass
class Installation:
    """An app as it is installed in one account."""

    installation_id: int
    app: App
    account: str
    repositories: frozenset[str] | None
    """Those it was given, in lower case; none is all of the account."""
    suspended: bool = False

    def has(self, repository: str) -> bool:
        is_ours = repository.lower().startswith(f"{self.account.lower()}/")
        return is_ours and (self.repositories is None or repository.lower() in self.repositories)


@dataclass
class App:
    """A GitHub App: its key, and what it may do where it is installed."""

    app_id: int
    permissions: Mapping[str, str]
    key: rsa.RSAPrivateKey = field(repr=False)
    installations: list[Installation] = field(default_factory=list)

    @property
    def client_id(self) -> str:
        return f"Iv23li{self.app_id:014}"

    def private_key(self, form: str = "PKCS1") -> str:
        """The key as GitHub lets one download it, or as `openssl pkcs8` writes it (`PKCS8`)."""
        kind = serialization.PrivateFormat
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            {"PKCS1": kind.TraditionalOpenSSL, "PKCS8": kind.PKCS8}[form],
            serialization.NoEncryption(),
        ).decode()

    def secret(self, installation: Installation | None = None, form: str = "PKCS1") -> str:
        """What a user puts into Secrets Manager for Pointsman."""
        value: dict[str, Any] = {"appId": self.app_id, "privateKey": self.private_key(form)}
        if installation:
            value["installationId"] = installation.installation_id
        return json.dumps(value)

    def install(self, account: str, *names: str) -> Installation:
        """Installs it for some repositories of an account, or for all of them."""
        chosen = frozenset(f"{account}/{name}".lower() for name in names) if names else None
        number = self.app_id * 100 + len(self.installations) + 1
        installation = Installation(number, self, account, chosen)
        self.installations.append(installation)
        return installation


class Access:
    """All tokens and apps that are known."""

    def __init__(self, token: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._callers = {token: Caller("the user", "classic")}
        self.apps: list[App] = []
        self.created: list[tuple[Installation, dict[str, Any]]] = []
        """Each installation token's installation, and the body that asked for it."""

    def add_token(self, token: str, permissions: dict[str, str], *repositories: str) -> None:
        """Makes a fine-grained personal access token known."""
        reached = frozenset(name.lower() for name in repositories)
        self._callers[token] = Caller(token, "fine-grained", permissions | METADATA, reached)

    def add_app(self, app_id: int, permissions: Mapping[str, str]) -> App:
        app = App(app_id, permissions, rsa.generate_private_key(65537, 2048))
        self.apps.append(app)
        return app

    def revoke_tokens(self) -> None:
        """Ends all tokens of installations, as their expiry would."""
        with self._lock:
            self._callers = {
                token: caller
                for token, caller in self._callers.items()
                if caller.kind != "installation"
            }

    def caller(self, token: str) -> Caller:
        """Whose token that is."""
        with self._lock:
            caller = self._callers.get(token)
        if caller is None or (caller.expires and caller.expires <= self._now()):
            if token.count(".") == 2 and not token.startswith("ghs_"):
                return self._app(token)
            raise Refused(401, "Bad credentials")
        return caller

    # JSON Web Tokens:
    # …/generating-a-json-web-token-jwt-for-a-github-app

    def _app(self, token: str) -> Caller:
        signed, _, signature = token.rpartition(".")
        try:
            header, claims = (json.loads(_bytes(part)) for part in signed.split("."))
            raw = _bytes(signature)
        except (ValueError, binascii.Error):
            raise Refused(401, UNREADABLE) from None
        # "Your JWT must be signed using the RS256 algorithm."
        if not isinstance(header, dict) or header.get("alg") != "RS256":
            raise Refused(401, UNREADABLE)
        # "iss: the client ID or application ID of your GitHub App."
        issuer = str(claims.get("iss"))
        app = next((a for a in self.apps if issuer in (str(a.app_id), a.client_id)), None)
        if app is None:
            raise Refused(404, "Integration not found")
        try:
            app.key.public_key().verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Refused(401, UNREADABLE) from None
        self._check_times(claims)
        return Caller(f"app {app.app_id}", "app", app=app)

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._now().timestamp()
        issued, expires = claims.get("iat"), claims.get("exp")
        if type(issued) is not int or issued > now:
            raise Refused(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the "
                "assertion was issued",
            )
        if type(expires) is not int or expires <= now:
            raise Refused(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future "
                "time at which the assertion expires",
            )
        # Some have seen GitHub count from `iat`: both are held here.
        if expires > now + LONGEST_JWT or expires - issued > LONGEST_JWT:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")

    # Installations.

    def installation_of(self, caller: Caller, account: str, name: str | None) -> Installation:
        """The app's installation for a repository, or for an organization.

        https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
        """
        assert caller.app
        for installation in caller.app.installations:
            if name is None and installation.account.lower() == account.lower():
                return installation
            if name is not None and installation.has(f"{account}/{name}"):
                return installation
        raise Refused(404, "Not Found", APPS)

    def create_token(
        self, caller: Caller, number: int, body: dict[str, Any], known: Collection[str]
    ) -> dict[str, Any]:
        """An installation's token.

        https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        assert caller.app
        page = f"{APPS}#create-an-installation-access-token-for-an-app"
        installation = next(
            (each for each in caller.app.installations if each.installation_id == number), None
        )
        if installation is None:
            raise Refused(404, "Not Found", page)
        if installation.suspended:
            raise Refused(403, "This installation has been suspended", page)
        wanted = body.get("repositories")
        names = None if wanted is None else [f"{installation.account}/{name}" for name in wanted]
        if names is not None and not all(
            name.lower() in known and installation.has(name) for name in names
        ):
            raise Refused(
                422,
                "There is at least one repository that does not exist or is not accessible to the "
                "parent installation.",
                page,
            )
        if names == []:
            raise invalid("Installation", page, repositories="is empty")
        granted = dict(caller.app.permissions) | METADATA
        given = body.get("permissions", granted)
        for permission, level in given.items():
            has = granted.get(permission)
            if has is None or LEVELS.index(has) < LEVELS.index(level):
                raise Refused(
                    422, "The permissions requested are not granted to this installation.", page
                )
        if names is None:
            reached = installation.repositories
        else:
            reached = frozenset(name.lower() for name in names)
        expires = (self._now() + LIFETIME).replace(microsecond=0)
        # Tokens are no longer of 40 characters (…/generating-an-installation-access-token-for-a-
        # github-app): `ghs_`, the app's id and a JSON Web Token.
        token = f"ghs_{caller.app.app_id}_" + ".".join(
            secrets.token_urlsafe(size) for size in (27, 150, 192)
        )
        with self._lock:
            self._callers[token] = Caller(
                f"installation {number}",
                "installation",
                given | METADATA,
                reached,
                expires=expires,
            )
            self.created.append((installation, body))
        answer = {
            "token": token,
            "expires_at": expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": given | METADATA,
            "repository_selection": "all" if reached is None else "selected",
        }
        return answer


def described(installation: Installation, url: str) -> dict[str, Any]:
    """An installation as GitHub shows it."""
    number, app = installation.installation_id, installation.app
    return {
        "id": number,
        "account": USER | {"login": installation.account},
        "repository_selection": "all" if installation.repositories is None else "selected",
        "access_tokens_url": f"{url}/app/installations/{number}/access_tokens",
        "repositories_url": f"{url}/installation/repositories",
        "html_url": f"https://github.com/settings/installations/{number}",
        "app_id": app.app_id,
        "client_id": app.client_id,
        "target_id": USER["id"],
        "target_type": "Organization",
        "permissions": dict(app.permissions) | METADATA,
        "events": ["push", "pull_request"],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": None,
        "app_slug": f"app-{app.app_id}",
        "suspended_by": None,
        "suspended_at": "2026-01-02T00:00:00Z" if installation.suspended else None,
    }


def _bytes(part: str) -> bytes:
    """The bytes of a part of a JSON Web Token: base64url without padding (RFC 7515, section 2)."""
    if "=" in part or "+" in part or "/" in part:
        raise ValueError("not base64url")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
