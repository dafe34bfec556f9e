"""Runs a command beside a real Kubernetes API server, whose etcd and kube-apiserver are given.

    python clusters/api_server.py ETCD KUBE_APISERVER python -m pytest test_kubernetes.py

Tried with kube-apiserver 1.20 and etcd 3.4. Nothing is left of either when the command has ended.
"""

from __future__ import annotations

import os
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from certificates import Authority  # noqa: E402

READY_WITHIN = 120.0  # seconds; on an idle machine it takes six


def free_ports(number: int) -> list[int]:
    with ExitStack() as held:
        sockets = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)
        ]
        return [each.getsockname()[1] for each in sockets]


class Process:
    """A server that ends with the context; its log is shown where it does not come up."""

    def __init__(self, folder: Path, *command: str):
        self.log = folder / f"{Path(command[0]).name}.log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_until_ready(server: Process, url: str, token: str, authority: Path) -> None:
    context = ssl.create_default_context(cafile=authority)
    request = urllib.request.Request(f"{url}/readyz", headers={"Authorization": f"Bearer {token}"})
    end = time.monotonic() + READY_WITHIN
    while True:
        try:
            urllib.request.urlopen(request, context=context, timeout=5).close()
            return
        except (urllib.error.URLError, OSError) as error:
            if server.process.poll() is not None or time.monotonic() > end:
                print(server.log.read_text()[-4000:], file=sys.stderr)
                raise SystemExit(f"api_server.py: the API server is not ready: {error}") from None
            time.sleep(0.2)


def run(etcd: str, apiserver: str, command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="api-server-") as name, ExitStack() as cleanup:
        folder = Path(name)
        client, peer, secure = free_ports(3)
        authority = Authority(folder, "authority")
        authority.context()
        pem = str(folder / "server.pem")
        token, tokens = secrets.token_hex(16), folder / "tokens.csv"
        tokens.write_text(f"{token},administrator,1,system:masters\n")
        cleanup.enter_context(
            Process(
                folder,
                etcd,
                f"--data-dir={folder}/etcd",
                f"--listen-client-urls=http://127.0.0.1:{client}",
                f"--advertise-client-urls=http://127.0.0.1:{client}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster=default=http://127.0.0.1:{peer}",
            )
        )
        url = f"https://127.0.0.1:{secure}"
        server = cleanup.enter_context(
            Process(
                folder,
                apiserver,
                f"--etcd-servers=http://127.0.0.1:{client}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                f"--secure-port={secure}",
                f"--tls-cert-file={pem}",
                f"--tls-private-key-file={pem}",
                f"--cert-dir={folder}",
                f"--token-auth-file={tokens}",
                "--authorization-mode=RBAC",
                f"--service-account-issuer={url}",
                f"--service-account-key-file={pem}",
                f"--service-account-signing-key-file={pem}",
                "--service-cluster-ip-range=10.0.0.0/24",
                # What would wait for controllers that do not run here.
                "--disable-admission-plugins=ServiceAccount",
            )
        )
        wait_until_ready(server, url, token, authority.bundle)
        named = {"SERVER": url, "TOKEN": token, "CA": str(authority.bundle)}
        environment = {f"POINTSMAN_KUBERNETES_{name}": value for name, value in named.items()}
        return subprocess.run(command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: api_server.py ETCD KUBE_APISERVER COMMAND…")
    sys.exit(run(sys.argv[1], sys.argv[2], sys.argv[3:]))
