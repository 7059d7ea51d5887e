"""What does the same elsewhere: a loop over the libraries, OpenDKIM with
OpenDMARC, rspamd. All get the same mail, the same DNS, and their own
configuration as it comes, without what is neither SPF, DKIM, ARC nor DMARC."""
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import time

import message
import milter
import milters
import pair
import programs
import sandbox
from dovecot import cpu_secs, free_port

WALL_DELAY_MSECS = 20


class Costs:
    """What is known of a system; None: it was not measured. cpu: {"mix" or a
    size: ms per message}."""

    def __init__(self):
        self.cpu = {}
        self.wall_cold = self.wall_warm = None
        self.questions_cold = self.questions_warm = None
        self.right = None


def descendants(pid):
    """It and all processes below it."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    parents[int(name)] = int(
                        f.read().rpartition(")")[2].split()[1])
            except OSError:
                pass
    found = {pid}
    while True:
        more = {p for p, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


class Server:
    """A system of processes that is asked about one message at a time."""

    def start(self):
        """Nothing is known of before."""
        self._running = []

    def stop(self):
        while self._running:
            self._running.pop().close()

    def cpu_secs(self):
        return sum(cpu_secs(pid) for running in self._running
                   for pid in descendants(running.process.pid))

    def costs(self, corpus, dns, args):
        costs = Costs()
        dns.set_delay(0)
        self.start()
        for size, mails in corpus.fixed.items():
            for mail in mails:
                self.check(mail)
            before, count = self.cpu_secs(), args.fixed_count(size)
            for i in range(count):
                self.check(mails[i % len(mails)])
            costs.cpu[size] = (self.cpu_secs() - before) * 1000 / count
        self.stop()
        self.start()
        before = self.cpu_secs()
        results = [self.check(mail) for mail in corpus.mails]
        costs.cpu["mix"] = (self.cpu_secs() - before) * 1000 / \
            len(corpus.mails)
        costs.right = sum(self.dmarc(result) == mail.expected["dmarc"]
                          for result, mail in zip(results, corpus.mails))
        self.stop()
        self.start()
        dns.set_delay(WALL_DELAY_MSECS)
        first = corpus.first
        for state in ("cold", "warm"):
            dns.forget()
            started = time.monotonic()
            for mail in first:
                self.check(mail)
            setattr(costs, "wall_" + state, (time.monotonic() - started) *
                    1000 / len(first))
            setattr(costs, "questions_" + state, len(dns.take()) / len(first))
        dns.set_delay(0)
        self.stop()
        return costs


_prepared = {}


def _fields(mail):
    """([(name, value)], body) as an MTA keeps them: lines of a field end with
    LF for a milter."""
    if mail.data not in _prepared:
        fields, body = message.split_message(mail.data)
        _prepared[mail.data] = ([
            (f.partition(b":")[0],
             f.partition(b":")[2].rstrip(b"\r\n").lstrip(b" ").replace(
                 b"\r\n", b"\n")) for f in fields], body)
    return _prepared[mail.data]


class Milters(Server):
    name = "opendkim + opendmarc"
    needs = ("opendkim", "opendmarc")

    def __init__(self, machine):
        self._machine = machine

    def start(self):
        super().start()
        self._ports = [free_port(), free_port()]
        self._running.append(milters.opendkim(
            self._machine, f"Mode v\nSocket inet:{self._ports[0]}@127.0.0.1\n"
            "AuthservID mx.example\nSyslog no\n", self._ports[0]))
        self._running.append(milters.opendmarc(
            self._machine, f"Socket inet:{self._ports[1]}@127.0.0.1\n"
            "AuthservID mx.example\nTrustedAuthservIDs mx.example\n"
            "SPFSelfValidate true\nSPFIgnoreResults true\nSyslog false\n",
            self._ports[1]))

    def check(self, mail):
        return milter.check(self._ports, mail, *_fields(mail))

    @staticmethod
    def dmarc(added):
        text = b" ".join(value for name, value in added
                         if name.lower() == b"authentication-results")
        found = re.search(rb"dmarc=(\w+)", text)
        return found.group(1).decode() if found else None


class Rspamd(Server):
    name = "rspamd"
    needs = ("rspamd",)
    # what needs Redis or the network, or is another check
    OFF = milters.RSPAMD_OFF + [
        "chartable", "forged_recipients", "history_redis", "known_senders",
        "metadata_exporter", "mime_types", "multimap", "once_received",
        "rspamd_update", "spf_whitelist", "trie", "whitelist"]

    def __init__(self, machine):
        self._machine = machine

    def start(self):
        super().start()
        self._port = free_port()
        files = dict(milters.RSPAMD)
        files["worker-normal.inc"] = \
            f'bind_socket = "127.0.0.1:{self._port}";\ncount = 1;\n'
        files["worker-proxy.inc"] = "enabled = false;\n"
        files["worker-fuzzy.inc"] = "enabled = false;\n"
        files["logging.inc"] = 'type = "console";\nlevel = "warning";\n'
        for name, text in files.items():
            self._machine.write("/etc/rspamd/local.d/" + name, text)
        for module in self.OFF:
            self._machine.write(f"/etc/rspamd/override.d/{module}.conf",
                                "enabled = false;\n")
        directory = sandbox.temporary_directory("rspamd")
        self._running.append(milters.Milter(
            ["/usr/bin/rspamd", "-f", "-i", "-c", "/etc/rspamd/rspamd.conf"] +
            [f"--var={name}={directory}"
             for name in ("DBDIR", "RUNDIR", "LOGDIR")], self._port))

    def check(self, mail):
        connection = http.client.HTTPConnection("127.0.0.1", self._port,
                                                timeout=60)
        connection.request("POST", "/checkv2", mail.data, {
            "IP": mail.client_ip, "From": mail.mail_from, "Helo": mail.helo,
            "Rcpt": "user1@mx.example", "Queue-Id": "4XyZ1t0Qz6z9sT",
            "MTA-Name": "mx.example"})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.status != 200:
            raise AssertionError(f"rspamd: {response.status} {data[:200]}")
        return json.loads(data)["symbols"]

    @staticmethod
    def dmarc(symbols):
        if "DMARC_POLICY_ALLOW" in symbols or \
                "DMARC_POLICY_ALLOW_WITH_FAILURES" in symbols:
            return "pass"
        return "fail" if any(s.startswith("DMARC_POLICY_")
                             for s in symbols) else None


class Libraries:
    name = "plain loop over the libraries"
    # without libopendmarc-dev there is no DMARC in it
    needs = ()

    def __init__(self, machine):
        flags, packages = ("-lspf2", "-lresolv"), ("opendkim",)
        self.dmarc = os.path.exists("/usr/include/opendmarc/dmarc.h")
        if self.dmarc:
            flags += ("-DHAVE_OPENDMARC", "-lopendmarc")
        else:
            self.name = "plain loop over libspf2, libopendkim"
        self._program = programs.program("libs", *flags, packages=packages)

    def _rounds(self, mails, count, after_round=lambda: None):
        """[(ms of CPU per message, ms per message, passes)] of each round."""
        directory = sandbox.temporary_directory("libs")
        path = write_list(directory, mails)
        child = subprocess.Popen([self._program, str(count), path], text=True,
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, bufsize=1)
        rounds = []
        for _ in range(count):
            child.stdin.write("\n")
            child.stdin.flush()
            words = child.stdout.readline().split()
            rounds.append((float(words[0]) * 1000 / len(mails),
                           float(words[1]) * 1000 / len(mails),
                           list(map(int, words[2:]))))
            after_round()
        child.stdin.close()
        child.stdout.close()
        if child.wait() != 0:
            raise AssertionError("libs failed")
        shutil.rmtree(directory)
        return rounds

    def costs(self, corpus, dns, args):
        costs = Costs()
        dns.set_delay(0)
        for size, mails in corpus.fixed.items():
            rounds = self._rounds(
                mails, 1 + max(2, args.fixed_count(size) // len(mails)))
            costs.cpu[size] = statistics.median(r[0] for r in rounds[1:])
        cpu, _, passes = self._rounds(corpus.mails, 1)[0]
        costs.cpu["mix"] = cpu
        if self.dmarc:
            # only their number is known
            wrong = abs(passes[2] - sum(m.expected["dmarc"] == "pass"
                                        for m in corpus.mails))
            costs.right = len(corpus.mails) - wrong
        dns.set_delay(WALL_DELAY_MSECS)
        dns.forget()
        asked = []
        first = corpus.first
        rounds = self._rounds(first, 2,
                              lambda: asked.append(len(dns.take())))
        costs.wall_cold, costs.wall_warm = (r[1] for r in rounds)
        costs.questions_cold, costs.questions_warm = (
            n / len(first) for n in asked)
        dns.set_delay(0)
        return costs


def write_list(directory, mails, stuffed=False):
    """The messages as files, and the list of them that the programs read.
    Returns its path."""
    path = os.path.join(directory, "list")
    with open(path, "w", encoding="ascii") as names:
        for i, mail in enumerate(mails):
            name = os.path.join(directory, f"m{i}")
            with open(name, "wb") as f:
                f.write(pair.stuff(mail.data) if stuffed else mail.data)
            names.write(f"{name} {mail.client_ip} {mail.helo} "
                        f"{mail.mail_from}" +
                        ("" if stuffed else f" {mail.domain}") + "\n")
    return path
