"""A local AWS that is stricter than the real one.

`LocalAWS` is moto behind a gate: every request's signature is computed again, every
request is held against AWS's own service model, every call is kept to be read back,
and any call can be made to fail. The end-to-end suite and the demo share it.
"""

from .calls import Call
from .faults import Fault
from .local_aws import ACCESS_KEY_ID, ACCOUNT, REGION, SECRET_ACCESS_KEY, LocalAWS

__all__ = [
    "ACCESS_KEY_ID",
    "ACCOUNT",
    "REGION",
    "SECRET_ACCESS_KEY",
    "Call",
    "Fault",
    "LocalAWS",
]
