"""Asked to stop by a signal: whatever the moment, and with what is in hand brought to its end."""

import os
import random
import signal
import socket
import threading
import time
import urllib.request

import pytest

from throughline.cli.commands import serving
from throughline.cli.stopping import NUMBERS, asked_to_stop

LATEST_S = 20  # long after any of these should have ended


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


@pytest.fixture(autouse=True)
def overseer():
    """End the whole run, with every thread's stack, where something here hangs."""
    import faulthandler

    faulthandler.dump_traceback_later(3 * LATEST_S, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def signal_after(seconds, number):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), number))
    timer.start()
    return timer


@pytest.mark.parametrize("number", NUMBERS)
def test_server_ends_at_whatever_moment_after_its_line_the_signal_comes(number):
    for _turn in range(8):
        with socket.create_server(("127.0.0.1", 0)) as one, asked_to_stop() as stop:
            serving._serve(one, lambda: signal_after(random.random() / 100, number), stop)
            assert stop.is_set()


class KillsOnItsWayOut:
    """Sends a signal from where an exception that the signal raised would be lost."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(1000))


def test_signal_that_comes_where_nothing_can_be_raised_is_not_lost(listening):
    with asked_to_stop() as stop:
        serving._serve(listening, lambda: KillsOnItsWayOut() and None, stop)

    assert stop.is_set()


def test_request_in_hand_is_answered_to_its_last_byte(listening, monkeypatch):
    begun, answer = threading.Event(), b"x" * 30_000_000

    def slow(_environ, start_response):
        begun.set()
        time.sleep(0.5)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [answer]

    def ask():
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        got.append(urllib.request.urlopen(address, timeout=LATEST_S).read())

    got = []
    client = threading.Thread(target=ask)
    monkeypatch.setattr("throughline.config.wsgi.application", slow)
    with asked_to_stop() as stop:
        stopping = threading.Thread(target=lambda: begun.wait(LATEST_S) and stop.set())
        stopping.start()
        serving._serve(listening, client.start, stop)
    client.join(LATEST_S)

    assert got == [answer]


def test_who_waits_is_woken_by_a_signal_and_everybody_who_asks_later_at_once():
    with asked_to_stop() as stop:
        assert stop.wait(0) is False
        signal_after(0.01, signal.SIGTERM)
        began = time.monotonic()
        assert (stop.wait(LATEST_S), stop.wait(LATEST_S), stop.is_set()) == (True, True, True)
        assert time.monotonic() - began < LATEST_S


def test_second_signal_is_left_to_the_system_and_the_handlers_are_put_back():
    before = [signal.getsignal(number) for number in NUMBERS]
    with asked_to_stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(LATEST_S)
        assert {signal.getsignal(number) for number in NUMBERS} == {signal.SIG_DFL}
    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_worker_that_does_not_end_is_spoken_of_and_then_left(monkeypatch, capsys):
    left, never = [], threading.Event()
    monkeypatch.setattr(serving, "SAID_AFTER_S", 0.01)
    monkeypatch.setattr(serving, "WORKING_S", 0.02)
    monkeypatch.setattr(serving.os, "_exit", left.append)
    working = threading.Thread(target=never.wait, daemon=True)
    working.start()

    serving._let_finish(working)
    never.set()

    assert left == [1]
    said = capsys.readouterr().err
    assert said.startswith("The worker finishes what it has in hand")
    assert "The next start goes on." in said


def test_worker_that_ends_in_time_is_not_spoken_of(capsys):
    working = threading.Thread(target=lambda: None)
    working.start()

    serving._let_finish(working)

    assert capsys.readouterr().err == ""
