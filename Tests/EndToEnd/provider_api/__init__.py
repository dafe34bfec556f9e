"""What the stand-ins for the providers' APIs have in common.

A stand-in is stricter than the provider: what no client should ever send is refused and kept in
`violations`. Requests can be made to fail in every way in which they can fail (`Fault`).
"""

from .answers import Refused, Violation, answer, check
from .faults import Fault
from .history import FileChange, History
from .limits import Window
from .server import Endpoint, ProviderAPI, body_of, not_json, query_of

__all__ = [
    "Endpoint",
    "Fault",
    "FileChange",
    "History",
    "ProviderAPI",
    "Refused",
    "Violation",
    "Window",
    "answer",
    "body_of",
    "check",
    "not_json",
    "query_of",
]
