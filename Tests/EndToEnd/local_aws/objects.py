"""S3's objects for runs of many thousand deliveries.

moto goes through a whole bucket for each listing. This store keeps the keys in their order, and
knows what the functions use: conditional writes and reads, metadata, listings in pages. It is held
against moto by `test_local_aws.py`.
"""

from __future__ import annotations

import bisect
import hashlib
import threading
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .errors import Refused
from .http_server import Request, Response
from .service_model import Operation

LARGEST_PAGE = 1000
WRITTEN_AT = "2026-11-20T15:20:41.000Z"


@dataclass(frozen=True)
class Object:
    body: bytes
    etag: str
    headers: dict[str, str]


class Objects:
    """The objects of all buckets; `LocalAWS.stand_ins["s3"]` is its `handle`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, dict[str, Object]] = {}
        self._keys: dict[str, list[str]] = {}

    def create_bucket(self, bucket: str) -> None:
        with self._lock:
            self._objects.setdefault(bucket, {})
            self._keys.setdefault(bucket, [])

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Puts an object past the gate."""
        with self._lock:
            self._store(bucket, key, body, {})

    def get(self, bucket: str, key: str) -> bytes:
        return self._objects[bucket][key].body

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        with self._lock:
            return self._from(bucket, prefix)

    def handle(self, operation: Operation, request: Request) -> Response:
        parameters = operation.parameters
        bucket, key = parameters["Bucket"], parameters.get("Key", "")
        with self._lock:
            if bucket not in self._objects:
                raise Refused("NoSuchBucket", "The specified bucket does not exist", 404)
            if operation.name == "PutObject":
                return self._put(bucket, key, request)
            if operation.name == "GetObject":
                return self._get(bucket, key, request)
            if operation.name == "DeleteObject":
                if self._objects[bucket].pop(key, None):
                    self._keys[bucket].remove(key)
                return Response(204)
            if operation.name == "ListObjectsV2":
                return self._list(bucket, parameters)
        raise Refused("NotImplemented", f"{operation.name} is not had here", 501)

    def _store(self, bucket: str, key: str, body: bytes, headers: dict[str, str]) -> Object:
        if key not in self._objects[bucket]:
            bisect.insort(self._keys[bucket], key)
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        stored = Object(body, f'"{digest}"', headers)
        self._objects[bucket][key] = stored
        return stored

    def _put(self, bucket: str, key: str, request: Request) -> Response:
        there = self._objects[bucket].get(key)
        wanted = request.header("If-Match")
        if wanted is not None and there is None:
            raise Refused("NoSuchKey", "The specified key does not exist.", 404)
        is_kept_off = there is not None and request.header("If-None-Match") == "*"
        if is_kept_off or (there and wanted is not None and wanted != there.etag):
            message = "At least one of the pre-conditions you specified did not hold"
            raise Refused("PreconditionFailed", message, 412)
        kept = {"content-type": "binary/octet-stream"} | {
            name.lower(): value
            for name, value in request.headers
            if name.lower() == "content-type" or name.lower().startswith("x-amz-meta-")
        }
        return Response(200, {"ETag": self._store(bucket, key, request.body, kept).etag})

    def _get(self, bucket: str, key: str, request: Request) -> Response:
        there = self._objects[bucket].get(key)
        if there is None:
            raise Refused("NoSuchKey", "The specified key does not exist.", 404)
        if request.header("If-None-Match") == there.etag:
            return Response(304, {"ETag": there.etag})
        return Response(200, {"ETag": there.etag} | there.headers, there.body)

    def _from(self, bucket: str, prefix: str, after: str = "") -> list[str]:
        keys = self._keys[bucket]
        first = bisect.bisect_left(keys, prefix)
        if after:
            first = max(first, bisect.bisect_right(keys, after))
        last = bisect.bisect_left(keys, prefix + "\U0010ffff") if prefix else len(keys)
        return keys[first:last]

    def _list(self, bucket: str, parameters: dict) -> Response:
        prefix, delimiter = parameters.get("Prefix", ""), parameters.get("Delimiter", "")
        after = parameters.get("ContinuationToken") or parameters.get("StartAfter", "")
        size = min(parameters.get("MaxKeys", LARGEST_PAGE), LARGEST_PAGE)
        entries: dict[str, str] = {}
        last = more = ""
        for key in self._from(bucket, prefix, after):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            name = f"{prefix}{head}{delimiter}" if found else key
            if name not in entries and len(entries) == size:
                more = last
                break
            if found:
                entries[name] = f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
            else:
                stored = self._objects[bucket][key]
                entries[name] = (
                    f"<Contents><Key>{escape(key)}</Key><LastModified>{WRITTEN_AT}</LastModified>"
                    f"<ETag>{escape(stored.etag)}</ETag><Size>{len(stored.body)}</Size>"
                    "<StorageClass>STANDARD</StorageClass></Contents>"
                )
            last = key
        token = f"<NextContinuationToken>{escape(more)}</NextContinuationToken>" if more else ""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>{size}</MaxKeys>"
            f"<KeyCount>{len(entries)}</KeyCount><IsTruncated>{str(bool(more)).lower()}"
            f"</IsTruncated>{token}{''.join(entries.values())}</ListBucketResult>"
        )
        return Response(200, {"Content-Type": "application/xml"}, text.encode())
