"Servers below HTTP's good manners: silent, cut off, endless, behind a bad certificate or a proxy."

import asyncio
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import time
import tracemalloc
import zlib

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.calls.services import Service
from judge_distill.records.errors import ModelError, OverBudget

from .conftest import Aside, Odd, completion, judged, priced, quick, right, rights


class Raw(Aside):
    "A server whose every answer is written by `answer(writer, body, number)` byte by byte."

    def __init__(self, answer, tls=None):
        self.answer, self.tls, self.count, self.heads = answer, tls, 0, []

    async def _serve(self, ready):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._one, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http{'s' * bool(self.tls)}://127.0.0.1:{self.port}/v1"
        ready.set()
        await self.over.wait()

    async def _one(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            size = int(head.lower().partition("content-length:")[2].split("\r\n")[0] or 0)
            body = json.loads(await reader.readexactly(size) or b"{}")
            self.count += 1
            await self.answer(writer, body, self.count)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def http(content, headers="Content-Type: application/json\r\n", status="200 OK"):
    "An answer's bytes."
    return f"HTTP/1.1 {status}\r\n{headers}\r\n".encode() + content


def reply(body):
    "The right reply's bytes."
    return json.dumps(completion(right(body))).encode()


def writes(make):
    "A server that writes what `make(body, number)` gives, and ends the connection."

    async def answer(writer, body, number):
        writer.write(make(body, number))

    return Raw(answer)


async def silent(writer, body, number):
    await asyncio.sleep(3600)


def test_a_service_that_never_says_anything_is_given_up():
    began = time.monotonic()
    with Raw(silent) as server, pytest.raises(ModelError, match="not answered anything for 1 sec"):
        judged(server, ledger=Ledger(limits=quick(silence=1.0)))
    assert time.monotonic() - began < 50


def test_a_service_that_is_silent_for_every_short_timeout_is_given_up():
    with Raw(silent) as server, pytest.raises(ModelError, match="not answered anything for 1 sec"):
        judged(server, ledger=Ledger(limits=quick(silence=1.0, timeout=0.3)))


@pytest.mark.parametrize("timeout, seconds", [(None, 75), (20, 75), (300, 75), (900, 900)])
def test_whoever_waits_longer_for_a_reply_waits_longer_for_the_first_word(timeout, seconds):
    assert quick(timeout=300).silence(timeout) == seconds


@pytest.mark.parametrize("timeout, before, seconds", [(60, 0, 60), (60, 60, 15), (100, 80, 0)])
def test_of_a_further_try_only_what_is_left_of_the_silence_is_waited_for(timeout, before, seconds):
    assert Service().most_wait(timeout, before) == seconds


def test_a_service_that_keeps_the_line_open_is_not_silent():
    "Some send spaces while they think."

    async def answer(writer, body, number):
        writer.write(http(b" "))
        for _ in range(8):
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.write(b" ")
        writer.write(reply(body))

    with Raw(answer) as server:
        assert rights(judged(server, 2, Ledger(limits=quick(silence=0.3)))) == 4


def test_a_reply_that_never_ends_is_read_no_further():
    async def answer(writer, body, number):
        writer.write(http(b'{"choices": [{"message": {"content": "'))
        while True:
            writer.write(b"x" * 2**16)
            await writer.drain()

    with Raw(answer) as server:
        judgements = judged(server, 1, max_tokens=16)
    assert all("too long" in j.problem for j in judgements) and server.count == 2


def cut_off(body, number):
    content = reply(body)
    return http(content[:40], f"Content-Length: {len(content)}\r\n")


PACKED = "Content-Encoding: gzip\r\n"


def test_a_packed_reply_is_read():
    with writes(lambda body, number: http(gzip.compress(reply(body)), PACKED)) as server:
        assert rights(judged(server, 2)) == 4 and "Accept-Encoding: gzip\r\n" in server.heads[0]


def test_a_reply_that_is_said_to_be_packed_and_is_not_is_read():
    with writes(lambda body, number: http(reply(body), PACKED)) as server:
        assert rights(judged(server, 2)) == 4 and server.count == 4


def test_a_packed_reply_that_was_cut_off_is_asked_again():
    def make(body, number):
        content = gzip.compress(reply(body))
        return http(content[:60] if number == 1 else content, PACKED)

    with writes(make) as server:
        assert rights(judged(server, 1)) == 2 and server.count == 3


def test_of_a_packed_reply_no_more_is_unpacked_than_is_read():
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(b"x" * 2**20) for _ in range(200)) + squeeze.flush()
    with writes(lambda body, number: http(bomb, PACKED)) as server:
        judged(server, 1, max_tokens=16)  # what is loaded once
        tracemalloc.start()
        judgements = judged(server, 1, max_tokens=16)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert all("too long" in j.problem for j in judgements) and peak < 50e6, peak


def test_a_reply_that_was_cut_off_is_asked_again():
    def make(body, number):
        return cut_off(body, number) if number <= 4 else http(reply(body))

    with writes(make) as server:
        assert rights(judged(server, 4)) == 8


def test_the_cap_holds_where_every_reply_is_cut_off():
    with writes(cut_off) as server, pytest.raises(OverBudget):
        judged(server, ledger=Ledger(limits=quick(), purse=priced(1.0, 100.0)), max_tokens=1000)
    assert 0 < server.count <= 10  # each may have cost ten cents and more


@pytest.mark.parametrize("honest", [0, 1, 2, 8])
def test_a_server_that_ignores_max_tokens_breaks_the_cap_by_one_reply_at_most(honest):
    "The replies in truth cost $0.05 each, and $5 from some number on."

    def make(body, number):
        tokens = 50 if number <= honest else 50_000
        usage = {"prompt_tokens": 450, "completion_tokens": tokens}
        return http(json.dumps(completion(right(body), usage=usage)).encode())

    ledger = Ledger(limits=quick(), purse=priced(2.0, 100.0))
    with writes(make) as server, pytest.raises(OverBudget, match="longer than max_tokens"):
        with pytest.warns(UserWarning, match="one call at a time"):
            judged(server, 30, ledger, max_tokens=60)
    most_at_once = 1 + honest // 2
    assert honest < server.count <= honest + most_at_once
    assert ledger.purse.spent <= 2.0 + 5.05 * most_at_once


def test_what_an_earlier_run_has_seen_a_reply_cost_is_set_aside(tmp_path):
    def make(body, number):
        usage = {"prompt_tokens": 450, "completion_tokens": 10_000}
        return http(json.dumps(completion(right(body), usage=usage)).encode())

    with writes(make) as server:
        for _ in range(3):
            purse = priced(1.5, 100.0)
            with pytest.raises(OverBudget):
                judged(server, 4, Ledger(tmp_path / "l.sqlite", limits=quick(), purse=purse))
    assert server.count == 1


@pytest.mark.parametrize(
    "content, words",
    [
        (b'data: {"choices": []}\n\n', "a stream of events came instead of JSON"),
        (b"<!doctype html><p>Log in</p>", "a web page came instead of JSON: Log in"),
    ],
)
def test_what_is_no_json_is_called_by_its_name(content, words):
    with writes(lambda body, number: http(content)) as server, pytest.raises(ModelError) as caught:
        judged(server)
    assert words in str(caught.value) and server.count <= 16


@pytest.fixture
def certificate(tmp_path):
    "A certificate that nobody vouches for."
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    file, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    subprocess.run(
        ["openssl", *words, "-keyout", key, "-out", file], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return context


def test_a_certificate_that_cannot_be_verified_stops_the_run_in_words(certificate, monkeypatch):
    without_proxy(monkeypatch)
    with Raw(silent, certificate) as server, pytest.raises(ModelError) as caught:
        judged(server)
    assert "cannot be reached: its certificate cannot be verified" in str(caught.value)
    assert server.count == 0


def test_http_spoken_to_a_server_of_https_stops_the_run(certificate):
    with Raw(silent, certificate) as server, pytest.raises(ModelError):
        server.url = server.url.replace("https", "http")
        judged(server, ledger=Ledger(limits=quick(silence=2.0)))


def test_https_spoken_to_a_server_of_http_stops_the_run_in_words(monkeypatch):
    without_proxy(monkeypatch)
    with Odd(cut_off) as server, pytest.raises(ModelError, match="is it http:// that it speaks"):
        server.url = server.url.replace("http", "https")
        judged(server)


def without_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def nobody():
    "A port that nobody listens on."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_dead_proxy_stops_the_run_within_seconds_in_words(monkeypatch, scheme):
    without_proxy(monkeypatch)
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://127.0.0.1:{nobody()}")
    there = type("There", (), {"url": f"{scheme}://judge.example/v1"})
    began = time.monotonic()
    with pytest.raises(ModelError, match="cannot be reached: the proxy of this machine"):
        judged(there)
    assert time.monotonic() - began < 50


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_password_stops_the_run_in_words(monkeypatch, scheme):
    without_proxy(monkeypatch)
    refusal = http(b"", "Content-Length: 0\r\n", "407 Proxy Authentication Required")
    with writes(lambda body, number: refusal) as proxy:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ModelError, match="cannot be reached: the proxy of this machine"):
            judged(type("There", (), {"url": f"{scheme}://judge.example/v1"}))


@pytest.mark.parametrize("key", ["", "?key=MY_KEY"])
def test_no_password_of_another_program_goes_out(monkeypatch, tmp_path, key):
    (tmp_path / "netrc").write_text("default login planted password planted\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("MY_KEY", "our-own")
    with Odd(lambda body, time: (200, completion(right(body)))) as server:
        there = type("There", (), {"url": server.url + key})
        assert rights(judged(there, 1)) == 2
    sent = {headers.get("Authorization") for headers in server.headers}
    assert sent == {"Bearer our-own" if key else "Bearer none"}


def test_a_proxy_is_gone_through(monkeypatch):
    without_proxy(monkeypatch)
    with writes(lambda body, number: http(reply(body))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://ada:secret@127.0.0.1:{proxy.port}")
        assert rights(judged(type("There", (), {"url": "http://judge.example/v1"}), 1)) == 2
    assert proxy.heads[0].startswith("POST http://judge.example/v1/chat/completions")
    assert "Proxy-Authorization: Basic" in proxy.heads[0]
