"""The loop and the functions under AWS's own Runtime Interface Emulator."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

import github
from runtime_emulator import RuntimeEmulator, emulator

LARGEST_RESPONSE = 6_291_556


@pytest.fixture(scope="module", autouse=True)
def is_fetched() -> None:
    emulator()


@pytest.fixture
def echo(echo_program: Path, tmp_path: Path):
    with RuntimeEmulator(echo_program, "echo", {}, tmp_path / "log") as function:
        yield function


@pytest.mark.parametrize("size", [2, 1_024, 2_048, 2_049, 100_000, 1_048_577, LARGEST_RESPONSE])
def test_an_event_of_any_size_comes_back_whole(echo: RuntimeEmulator, size: int):
    event = b'"' + os.urandom(size // 2 - 1).hex().encode()
    event = event.ljust(size - 1, b"x") + b'"'
    assert echo.invoke(event) == event


def test_many_invocations_are_served_by_one_process(echo: RuntimeEmulator):
    for number in range(200):
        event = json.dumps({"number": number}).encode()
        assert echo.invoke(event) == event
    assert echo.log.count("START RequestId") == 200
    assert "Runtime." not in echo.log


def test_a_response_that_is_too_large_costs_that_invocation_alone(
    echo_program: Path, tmp_path: Path
):
    with RuntimeEmulator(echo_program, "twice", {}, tmp_path / "log") as twice:
        largest = b"x" * (LARGEST_RESPONSE // 2)
        assert len(twice.invoke(largest)) == LARGEST_RESPONSE
        refused = json.loads(twice.invoke(largest + b"x"))
        assert refused["errorType"] == "Function.ResponseSizeTooLarge"
        assert twice.invoke(b"1") == b"11"
        assert f"a response of {LARGEST_RESPONSE + 2} bytes exceeds" in twice.log
        assert "Runtime.ExitError" not in twice.log
        assert "InvalidStateTransition" not in twice.log


def test_an_error_message_arrives_whatever_it_holds(echo_program: Path, tmp_path: Path):
    with RuntimeEmulator(echo_program, "fail", {}, tmp_path / "log") as fail:
        message = "".join(map(chr, range(0x180))) + '\u2028\ufeff\U0001f600\\"'
        assert json.loads(fail.invoke(message.encode())) == {
            "errorType": "Function.AsTold",
            "errorMessage": message,
            "stackTrace": [],
        }
        long = json.loads(fail.invoke(b"\x01" * 1_000_000))
        assert long["errorMessage"] == "\x01" * 8_192
        assert "Unknown" not in fail.log
        assert "Runtime.ExitError" not in fail.log


def test_headers_that_the_loop_has_no_use_for_do_no_harm(echo: RuntimeEmulator):
    headers = {
        "X-Amz-Client-Context": "e30=",
        "X-Amz-Tenant-Id": "blue",
        "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
    }
    assert echo.invoke(b"{}", headers) == b"{}"


def test_a_push_is_verified_and_handed_over(site, tmp_path: Path):
    body = github.encode(github.push("src/a.swift"))
    event = github.http_event(body, github.headers(body, "It's a Secret to Everybody"))
    log = tmp_path / "log"
    with RuntimeEmulator(site.bootstrap, "webhook", site.environment, log) as function:
        assert function.invoke_json(event)["statusCode"] == 202, function.log
        forged = github.http_event(body, github.headers(body, "another secret"))
        assert function.invoke_json(forged)["statusCode"] == 401, function.log
    assert len(site.handed_over()) == 1


def test_an_error_of_the_function_reaches_the_caller_and_the_process_goes_on(site, tmp_path: Path):
    log = tmp_path / "log"
    with RuntimeEmulator(site.bootstrap, "evaluate", site.environment, log) as function:
        for _ in range(2):
            error = function.invoke_json({"neither": "a change\n\u0001", "nor": "a push"})
            assert error["errorType"].startswith("Function."), function.log
            assert error["errorMessage"]
            assert error["stackTrace"] == []
        assert "Runtime.ExitError" not in function.log
        assert "Unknown" not in function.log


def test_a_failed_start_is_reported_with_what_is_missing(site, tmp_path: Path):
    environment = site.environment
    environment.pop("S3_BUCKET")
    with RuntimeEmulator(site.bootstrap, "webhook", environment, tmp_path / "log") as function:
        error = function.invoke_json({})
        assert error["errorType"] == "Runtime.BadEnvironment", function.log
        assert "S3_BUCKET" in error["errorMessage"]


def test_one_after_another_from_many_callers(echo: RuntimeEmulator):
    """The emulator refuses two at a time: callers take turns, on connections of their own."""
    turn = threading.Lock()
    wrong = []

    def call(number: int) -> None:
        event = str(number).encode()
        with turn:
            if echo.invoke(event) != event:
                wrong.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
