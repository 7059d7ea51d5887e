#!/usr/bin/python3
"""Authoritative DNS server for tests, UDP and TCP on one loopback port.

It answers from a zone file in the format of src/dns/resolver-zone.h: the
master file format of RFC 1035 section 5, wildcards of RFC 4592, and the pseudo
types "NAME SERVFAIL" and "NAME TIMEOUT". Names that are not in the file do not
exist; names above existing ones do. Answers without records have the SOA record
at or above their name, if there is one: without it nobody may remember them
(RFC 2308 section 5).

One line per question goes to the log, times in milliseconds of
CLOCK_MONOTONIC: START ANSWERED NAME TYPE TRANSPORT RESULT. ANSWERED is "-" for
a question that never gets an answer.

As a program: dns_server.py --zone FILE [--port N] [--log FILE]
prints "port N" and then obeys lines on standard input: "zone" reads the zone
file again, "delay MSECS [NAME]" delays answers (for NAME, or for every other
name). It ends with its standard input.
"""
import argparse
import asyncio
import collections
import os
import select
import subprocess
import sys
import time

import dnslib
from dnslib import QTYPE, RCODE, RR

Question = collections.namedtuple(
    "Question", "start answered name type transport result")


class ZoneError(Exception):
    pass


def _tokens(text):
    """Yield (line number, starts with blank, [tokens]) per entry. A token is
    (bytes, quoted); backslashes are resolved except in names, which no test
    needs."""
    entry, blank, depth = [], False, 0
    for number, line in enumerate(text.split("\n"), 1):
        if depth == 0:
            entry, blank = [], line[:1] in (" ", "\t")
        i = 0
        while i < len(line):
            c = line[i]
            if c in " \t\r":
                i += 1
            elif c == ";":
                break
            elif c in "()":
                depth += 1 if c == "(" else -1
                if depth < 0:
                    raise ZoneError(f"line {number}: unexpected )")
                i += 1
            else:
                quoted = c == '"'
                i += quoted
                word = bytearray()
                while True:
                    if i >= len(line):
                        if quoted:
                            raise ZoneError(f"line {number}: missing \"")
                        break
                    c = line[i]
                    if c == '"' if quoted else c in " \t\r;()\"":
                        i += quoted
                        break
                    if c == "\\" and line[i + 1:i + 4].isdigit():
                        word.append(int(line[i + 1:i + 4]))
                        i += 4
                        continue
                    if c == "\\":
                        i += 1
                        c = line[i:i + 1]
                    word += c.encode()
                    i += 1
                entry.append((bytes(word), quoted))
        if depth == 0 and entry:
            yield number, blank, entry
    if depth != 0:
        raise ZoneError("missing )")


class Zone:
    def __init__(self, text):
        self.records = {}  # name -> {type name: [(ttl, rdata)]}
        self.names = {""}
        origin, ttl_default, owner = "", 3600, None

        def absolute(token):
            name = token.decode().lower()
            if name == "@":
                return origin
            if name.endswith("."):
                return name[:-1]
            return name + "." + origin if origin else name

        for number, blank, words in _tokens(text):
            try:
                first = words[0][0].upper()
                if first == b"$ORIGIN":
                    origin = absolute(words[1][0])
                    continue
                if first == b"$TTL":
                    ttl_default = int(words[1][0])
                    continue
                if not blank:
                    owner = absolute(words.pop(0)[0])
                ttl = ttl_default
                while words and not words[0][1]:
                    word = words[0][0].upper()
                    if word.isdigit():
                        ttl = int(word)
                    elif word != b"IN":
                        break
                    words.pop(0)
                kind = words.pop(0)[0].upper().decode()
                self._add(owner, kind, ttl, [w[0] for w in words], absolute)
            except (IndexError, ValueError) as e:
                raise ZoneError(f"line {number}: {e}")

    def _add(self, owner, kind, ttl, args, absolute):
        if kind in ("SERVFAIL", "TIMEOUT"):
            rdata = None
        elif kind in ("A", "AAAA"):
            rdata = getattr(dnslib, kind)(args[0].decode())
        elif kind == "MX":
            rdata = dnslib.MX(absolute(args[1]) or ".", int(args[0]))
        elif kind in ("PTR", "CNAME", "NS"):
            rdata = getattr(dnslib, kind)(absolute(args[0]))
        elif kind in ("TXT", "SPF"):
            kind, rdata = kind, dnslib.TXT(args)
        elif kind == "SOA":
            rdata = dnslib.SOA(absolute(args[0]), absolute(args[1]),
                               [int(arg) for arg in args[2:7]])
        else:
            rdata = None  # the name exists, that is all
        self.records.setdefault(owner, {}).setdefault(kind, []).append(
            (ttl, rdata))
        while True:
            self.names.add(owner)
            if "." not in owner:
                break
            owner = owner.split(".", 1)[1]

    def find(self, name):
        """The types at name, wildcards applied, or None for NXDOMAIN."""
        if name in self.records:
            return self.records[name]
        if name in self.names:
            return {}
        while "." in name:
            name = name.split(".", 1)[1]
            if name in self.names:
                return self.records.get("*." + name)
        return self.records.get("*")

    def add_soa(self, name, reply):
        while True:
            for ttl, rdata in self.records.get(name, {}).get("SOA", []):
                reply.add_auth(RR(name or ".", QTYPE.SOA, ttl=ttl,
                                  rdata=rdata))
                return
            if not name:
                return
            name = name.partition(".")[2]

    def answer(self, query):
        """Returns (reply, result word), or (None, "timeout")."""
        reply = query.reply(ra=1, aa=1)
        qname = str(query.q.qname).rstrip(".").lower()
        qtype = QTYPE[query.q.qtype]
        name = qname
        for _ in range(16):
            types = self.find(name)
            if types is None:
                reply.header.rcode = RCODE.NXDOMAIN
                break
            if "TIMEOUT" in types:
                return None, "timeout"
            if "SERVFAIL" in types:
                reply.header.rcode = RCODE.SERVFAIL
                break
            target = types.get("CNAME")
            kind = "CNAME" if target and qtype != "CNAME" else qtype
            for ttl, rdata in types.get(kind, []):
                reply.add_answer(RR(name or ".", getattr(QTYPE, kind),
                                    ttl=ttl, rdata=rdata))
            if kind == qtype:
                break
            name = str(target[0][1].label).rstrip(".").lower()
        if reply.header.rcode in (RCODE.NOERROR, RCODE.NXDOMAIN) and \
                not any(QTYPE[rr.rtype] == qtype for rr in reply.rr):
            self.add_soa(name, reply)
        if reply.header.rcode == RCODE.NOERROR:
            return reply, "answer" if reply.rr else "nodata"
        return reply, RCODE[reply.header.rcode].lower()


class Server:
    def __init__(self, zone_path, log):
        self.zone_path, self.log = zone_path, log
        self.delay_msecs, self.delays = 0, {}
        self.read_zone()

    def read_zone(self):
        with open(self.zone_path, encoding="utf-8") as f:
            self.zone = Zone(f.read())

    async def reply_to(self, data, transport_name):
        start = time.monotonic() * 1000
        try:
            query = dnslib.DNSRecord.parse(data)
            name = str(query.q.qname).rstrip(".").lower()
        except Exception:
            return None
        reply, result = self.zone.answer(query)
        if reply is not None:
            msecs = self.delays.get(name, self.delay_msecs)
            if msecs:
                await asyncio.sleep(msecs / 1000)
        answered = "%.3f" % (time.monotonic() * 1000) if reply else "-"
        self.log.write("%.3f %s %s %s %s %s\n" % (
            start, answered, name or ".", QTYPE[query.q.qtype],
            transport_name, result))
        if reply is None:
            return None
        packet = reply.pack()
        if transport_name == "udp":
            room = max([512] + [rr.edns_len for rr in query.ar
                                if rr.rtype == QTYPE.OPT])
            if len(packet) > min(room, 1232):
                packet = reply.truncate().pack()
        return packet

    def command(self, line):
        words = line.split()
        if words[0] == "zone":
            self.read_zone()
        elif words[0] == "delay" and len(words) > 2:
            self.delays[words[2].lower()] = float(words[1])
        elif words[0] == "delay":
            self.delay_msecs = float(words[1])
        else:
            raise ValueError(line)

    async def tcp_session(self, reader, writer):
        async def answer(data):
            packet = await self.reply_to(data, "tcp")
            if packet is not None:
                writer.write(len(packet).to_bytes(2, "big") + packet)
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                asyncio.ensure_future(answer(await reader.readexactly(size)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        asyncio.ensure_future(self.answer(data, address))

    async def answer(self, data, address):
        packet = await self.server.reply_to(data, "udp")
        if packet is not None:
            self.transport.sendto(packet, address)


async def _listen(server, address, port):
    loop = asyncio.get_running_loop()
    for attempt in range(20):
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(server), local_addr=(address, port))
        bound = transport.get_extra_info("sockname")[1]
        try:
            await asyncio.start_server(server.tcp_session, address, bound)
            return bound
        except OSError:
            # The number was free for UDP only: another one.
            transport.close()
            if port:
                raise
    raise OSError("no free port")


async def _main(args):
    log = open(args.log, "a", buffering=1) if args.log else sys.stderr
    server = Server(args.zone, log)
    print("port", await _listen(server, args.address, args.port), flush=True)
    if args.forever:
        await asyncio.get_running_loop().create_future()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        line = await reader.readline()
        if not line:
            return
        try:
            server.command(line.decode())
            print("ok", flush=True)
        except (ZoneError, ValueError, OSError) as e:
            print("error", e, flush=True)


class DnsServer:
    """A server of its own in another process: its times are not disturbed by
    what the test does. Ends with close() or with the test."""

    def __init__(self, directory, zone="", address="127.0.0.1", port=0):
        self.address = address
        self.zone_path = os.path.join(directory, "zone")
        self.log_path = os.path.join(directory, "dns.log")
        self._texts = []
        self._write(zone)
        open(self.log_path, "w").close()
        self._child = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--zone",
             self.zone_path, "--log", self.log_path, "--address", address,
             "--port", str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # A question is asked again after 800 ms: a busy machine is not to make
        # two of one.
        try:
            os.setpriority(os.PRIO_PROCESS, self._child.pid, -10)
        except PermissionError:
            pass
        self.port = int(self._reply().split()[1])

    def _write(self, text):
        self._texts.append(text)
        with open(self.zone_path, "w", encoding="utf-8") as f:
            f.write("\n".join(self._texts))

    def _reply(self):
        if not select.select([self._child.stdout], [], [], 10)[0]:
            raise TimeoutError("the DNS server does not answer")
        line = self._child.stdout.readline()
        if not line or line.startswith("error"):
            raise RuntimeError("DNS server: " + (line or "ended"))
        return line

    def _command(self, line):
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()
        self._reply()

    @property
    def where(self):
        """As authres_dns_servers wants it."""
        return f"{self.address}@{self.port}"

    def add_zone(self, text):
        """Add records; give names with a final dot or an own $ORIGIN."""
        self._write("$ORIGIN .\n$TTL 3600\n" + text)
        self._command("zone")

    def set_delay(self, msecs, name=None):
        self._command(f"delay {msecs}" + (f" {name}" if name else ""))

    def mark(self):
        """A position for questions()."""
        return os.path.getsize(self.log_path)

    def questions(self, since=0, below=None):
        """What was asked, in order of the questions. below: only what is at or
        below this name, for tests that share the server: a question of the
        test before may come late, when its message is delivered already."""
        found = []
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            f.seek(since)
            for line in f:
                start, answered, name, kind, transport, result = line.split()
                if below and not ("." + name).endswith("." + below.lower()):
                    continue
                found.append(Question(
                    float(start), None if answered == "-" else float(answered),
                    name, kind, transport, result))
        return sorted(found)  # by start

    def close(self):
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="DNS server for tests")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log")
    parser.add_argument("--forever", action="store_true",
                        help="do not end with standard input")
    asyncio.run(_main(parser.parse_args()))
