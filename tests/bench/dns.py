"""The DNS server of the bench (dnsd.c)."""
import os
import re
import subprocess

import programs
import sandbox
from dovecot import free_port

TYPES = {"TXT": 16}
NUMBERS = {1: "A", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}


def _rdata(text):
    """Of a TXT record: its quoted strings."""
    return b"".join(bytes([len(s)]) + s for s in (
        s.encode() for s in re.findall(r'"([^"]*)"', text)))


class Dns:
    """As tests/e2e/dns_server.DnsServer where a Dovecot asks for it."""

    def __init__(self, zone="", port=0):
        self.port = port or free_port()
        self.where = f"127.0.0.1@{self.port}"
        self._child = subprocess.Popen(
            [programs.program("dnsd"), str(self.port)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._until_ok()
        if zone:
            self.add_zone(zone)

    def _until_ok(self):
        lines = []
        while True:
            line = self._child.stdout.readline()
            if line == "ok\n":
                return lines
            if not line or line.startswith(("no zone", "unknown")):
                raise RuntimeError("dnsd: " + (line or "ended"))
            lines.append(line)

    def _command(self, line):
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()
        return self._until_ok()

    def add_zone(self, text):
        """Lines of "NAME. IN TXT "...""; others are not read."""
        path = os.path.join(sandbox.temporary_directory("zone"), "zone")
        with open(path, "w", encoding="ascii") as f:
            for name, kind, data in re.findall(
                    r"(?m)^(\S+)\. IN (TXT) (.*)$", text):
                f.write(f"{name.lower()} {TYPES[kind]} {_rdata(data).hex()}\n")
        self._command("zone " + path)

    def set_delay(self, msecs):
        self._command(f"delay {round(msecs * 1000)}")

    def silence(self, name):
        """What is asked below it is never answered."""
        self._command("silent " + name)

    def take(self):
        """[(name, type)] of all questions since the last time."""
        found = []
        for line in self._command("take"):
            if line != "\n":
                name, number = line.rsplit(" ", 1)
                found.append((name, NUMBERS.get(int(number), number.strip())))
        return found

    def forget(self):
        self._command("forget")

    def cpu_ticks(self):
        with open(f"/proc/{self._child.pid}/stat") as f:
            return sum(map(int, f.read().split()[13:15]))

    def close(self):
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait(10)
