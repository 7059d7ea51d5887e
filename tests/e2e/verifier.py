"""The verifier's protocol (src/results/verdict-wire.h), spoken by hand: tests
of the service alone, and of what no client of ours would send."""
import os
import socket
import time

import patience

VERSION = b"VERSION\tauthres-verifier\t1\t0\n"
SERVICE = "/usr/lib/dovecot/authres"
# for Dovecot(config=...)
ONE_PROCESS = ("service authres {\n  process_min_avail = 1\n"
               "  process_limit = 1\n}\n")


def installed():
    return os.path.exists(SERVICE)


def path(dovecot):
    return os.path.join(dovecot.base_dir, "authres")


class Connection:
    def __init__(self, dovecot, timeout=20, greet=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience.secs(timeout))
        self.socket.connect(path(dovecot))
        self._input = b""
        if greet:
            self.greeting = self.line()
            self.send(VERSION)

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next line as text without its end, "" at the end of the
        connection."""
        while b"\n" not in self._input:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return ""
            self._input += data
        line, _, self._input = self._input.partition(b"\n")
        return line.decode("ascii")

    def status(self):
        """{key: value}"""
        self.send(b"STATUS\n")
        word, *pairs = self.line().split("\t")
        assert word == "STATUS", word
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def pid(self):
        """Which process serves this connection."""
        return int(self.status()["pid"])

    def request(self, **arguments):
        """Only the VERIFY line."""
        arguments = {"protocol": "lda", "mail_from": "alice@example.org",
                     "argument_ip": "192.0.2.9",
                     "received_time": int(time.time()),
                     "timeout_msecs": 10000, **arguments}
        self.send(b"VERIFY" + "".join(
            f"\t{k}={v}" for k, v in arguments.items()
            if v is not None).encode() + b"\n")

    def message(self, data, chunk=65536):
        for i in range(0, len(data), chunk):
            piece = data[i:i + chunk]
            self.send(b"%d\n%s" % (len(piece), piece))
        self.send(b"0\n")

    def reply(self):
        """(words of RESULT lines, {key: value} of VERDICT) or
        (None, reason of FAIL); (None, "") when the connection ended."""
        results = []
        while True:
            word, *rest = self.line().split("\t")
            if word == "RESULT":
                results.append(rest)
            elif word == "VERDICT":
                return results, dict(p.split("=", 1) for p in rest)
            elif word == "FAIL":
                return None, rest[0]
            else:
                assert word == "", word
                return None, ""

    def verify(self, data, **arguments):
        self.request(**arguments)
        self.message(data)
        return self.reply()

    def close(self):
        self.socket.close()
