"""The AWS CLI as a command that is quick to start.

`aws` takes a second to import what it is made of, and `deploy.sh` calls it a dozen times. Here one
process has imported it, and each `aws` is a fork of that process, with the arguments, environment
and open files of the caller. The calls are kept.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path

CLIENT = """#!{python} -ISE
import json, os, re, signal, socket, sys

# An interrupt ends it without a word, unless the caller has it ignore that.
if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
files = [0, 1, 2] + [int(n) for word in sys.argv for n in re.findall("/dev/fd/([0-9]+)", word)]
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
socket.send_fds(server, [b"+"], files)
request = dict(arguments=sys.argv[1:], environment=dict(os.environ), files=files, cwd=os.getcwd())
server.sendall(json.dumps(request).encode())
server.shutdown(socket.SHUT_WR)
sys.exit(int(server.recv(16)))
"""


class WarmCLI:
    """The process, and a folder for `PATH` with an `aws` in it."""

    def __init__(self, folder: Path):
        self.bin = folder
        self.bin.mkdir()
        self._calls = folder / "calls"
        self._calls.touch()
        address = str(folder / "socket")
        client = folder / "aws"
        client.write_text(CLIENT.format(python=sys.executable, address=address))
        client.chmod(0o755)
        # A session of its own: an interrupt of the terminal ends the callers, which are the CLI.
        self._process = subprocess.Popen(
            [sys.executable, __file__, address, str(self._calls)],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._process.stdout.readline()

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call so far."""
        return [json.loads(line) for line in self._calls.read_text().splitlines()]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


def serve(address: str, calls: str) -> None:
    # What takes its time.
    import awscli.clidriver
    import awscli.handlers  # noqa: F401

    load_models()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(client, calls)
        client.close()


def load_models() -> None:
    """Reads once what each `aws` would read anew: the models of the services that are asked."""
    import awscli.clidriver
    from botocore.loaders import JSONFileLoader

    read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
    JSONFileLoader.load_file = lambda _, path: read(path)
    session = awscli.clidriver.create_clidriver().session
    for service in ("cloudformation", "s3", "secretsmanager", "sts"):
        session.create_client(
            service, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
        )


def end_with(client: socket.socket) -> None:
    """Ends this process once its caller has ended, as an interrupt ends the CLI."""
    ended = select.poll()
    ended.register(client, 0)  # it hangs up, whatever else is waited for
    ended.poll()
    os._exit(0)


def answer(client: socket.socket, calls: str) -> None:
    """Is the `aws` that was asked for, and ends."""
    import awscli.clidriver

    status = 255
    try:
        _, received, _, _ = socket.recv_fds(client, 1, 16)
        request = json.loads(b"".join(iter(lambda: client.recv(65536), b"")))
        threading.Thread(target=end_with, args=(client,), daemon=True).start()
        with open(calls, "a") as file:
            file.write(json.dumps(request["arguments"]) + "\n")
        for own, theirs in zip(received, request["files"], strict=True):
            os.dup2(own, theirs)
        models = os.environ["AWS_DATA_PATH"]  # set by awscli itself
        os.environ.clear()
        os.environ.update({"AWS_DATA_PATH": models} | request["environment"])
        os.chdir(request["cwd"])
        sys.argv = ["aws", *request["arguments"]]
        status = awscli.clidriver.main()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):  # the caller was interrupted
            client.sendall(str(status).encode())
        os._exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
