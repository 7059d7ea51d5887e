"""Two private Dovecots that differ in the plugin alone, and mail for them."""
import collections
import os
import re
import shutil
import socket
import time

import sandbox
from dovecot import Dovecot, cpu_secs, wait_for

# What the harness of the tests has otherwise than a stock Dovecot.
STOCK = "mail_fsync = optimized\n"
USERS = 8

# of processes; "other": log, stats, auth, anvil, the master itself
NAMES = ("lmtp", "authres", "other")

Cpu = collections.namedtuple("Cpu", "secs user_ticks system_ticks")


def _cpu(pid):
    """CPU of a process so far; None when it is gone. User and system are
    counted in ticks."""
    try:
        secs = cpu_secs(pid)
        with open(f"/proc/{pid}/stat") as f:
            words = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return Cpu(secs, int(words[11]), int(words[12]))


def rss_bytes(pid, what="VmRSS"):
    """Resident memory of a process, or another line of its status."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(rf"{what}:\s+(\d+)", f.read()).group(1)) * 1024


class Site:
    """A Dovecot with or without authres. Its users are made anew for each
    pass, so that mailboxes are alike in all."""

    def __init__(self, dns, authres, **options):
        self.authres = authres
        config = STOCK + options.pop("config", "")
        settings = {"authres_client_source": "xclient",
                    **options.pop("settings", {})} if authres else {}
        self.dovecot = Dovecot(
            sandbox.temporary_directory("with" if authres else "without"),
            dns=dns, authres=authres, config=config, settings=settings,
            **options)
        self._passes = 0
        self.users = []

    def new_users(self, count=USERS, delivered=True):
        """Other users than before, whose mail is gone; delivered: each has
        one message."""
        for user in self.users:
            shutil.rmtree(user.home)
        self._passes += 1
        self.users = [self.dovecot.user(f"p{self._passes}u{i}")
                      for i in range(count)]
        if delivered:
            with Session(self) as session:
                for user in self.users:
                    session.send(WARM_UP, [user.address])

    def restart(self):
        """Nothing is known of before: what the verifier's processes share
        outlives them beside its socket."""
        self.dovecot.stop()
        for name in os.listdir(self.dovecot.base_dir):
            if name.startswith("authres-"):
                os.unlink(os.path.join(self.dovecot.base_dir, name))
        self.dovecot.start()

    def processes(self):
        """{process id: one of NAMES}"""
        found = {}
        master = self.dovecot.master_pid
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open(f"/proc/{pid}/stat") as f:
                    name, rest = re.match(r"\d+ \((.*)\) (.*)",
                                          f.read()).groups()
            except OSError:
                continue
            if int(rest.split()[1]) == master or int(pid) == master:
                found[int(pid)] = name if name in ("lmtp", "authres") \
                    else "other"
        return found

    def cpu(self):
        """{process id: (name, Cpu)} so far."""
        found = {pid: (name, _cpu(pid))
                 for pid, name in self.processes().items()}
        return {pid: item for pid, item in found.items()
                if item[1] is not None}

    def cpu_since(self, before):
        """{name: Cpu} since cpu() returned before. Processes that have ended
        since are not in it."""
        sums = {name: Cpu(0, 0, 0) for name in NAMES}
        for pid, (name, cpu) in self.cpu().items():
            _, was = before.get(pid, (name, Cpu(0, 0, 0)))
            sums[name] = Cpu(*(total + now - then for total, now, then in
                               zip(sums[name], cpu, was)))
        return sums

    def wait_log_quiet(self):
        """The log process is done with what was delivered."""
        sizes = None

        def quiet():
            nonlocal sizes
            before, sizes = sizes, [
                os.path.getsize(p) for p in (self.dovecot.info_log,
                                             self.dovecot.error_log)]
            if before != sizes:
                time.sleep(0.02)
            return before == sizes
        wait_for(quiet, "the end of the log")

    def mails(self):
        """(user, path below the Maildir) of all delivered mail."""
        for user in self.users:
            for path in user.files():
                yield user, path

    def close(self):
        self.dovecot.close()


class Session:
    """An LMTP client: it says by XCLIENT who the client was, sends MAIL, RCPT
    and DATA at once as Postfix does, and keeps the connection for the next
    message."""

    def __init__(self, site):
        self._socket = socket.create_connection(
            ("127.0.0.1", site.dovecot.lmtp_port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._input = b""
        self._replies(1)
        self._command(b"LHLO mx.example\r\n")

    def _replies(self, count):
        """That many replies; only their last lines."""
        found = []
        while len(found) < count:
            *lines, self._input = self._input.split(b"\r\n")
            found += [line for line in lines if line[3:4] == b" "]
            if len(found) < count:
                data = self._socket.recv(65536)
                if not data:
                    raise ConnectionError("the LMTP server closed")
                self._input += data
        return found

    def _command(self, data, count=1):
        self._socket.sendall(data)
        return self._replies(count)

    def send(self, mail, rcpts):
        """Returns the seconds from MAIL to the last reply."""
        stuffed = stuff(mail.data)
        self._command(b"XCLIENT ADDR=%s HELO=%s\r\n" % (
            mail.client_ip.encode(), mail.helo.encode()))
        self._command(b"LHLO mx.example\r\n")
        started = time.monotonic()
        replies = self._command(b"MAIL FROM:<%s>\r\n%sDATA\r\n" % (
            mail.mail_from.encode(),
            b"".join(b"RCPT TO:<%s>\r\n" % r.encode() for r in rcpts)),
            len(rcpts) + 2)
        if not replies[-1].startswith(b"354"):
            raise AssertionError(f"LMTP: {replies}")
        replies = self._command(stuffed, len(rcpts))
        secs = time.monotonic() - started
        if any(not r.startswith(b"250") for r in replies):
            raise AssertionError(f"LMTP: {replies}")
        return secs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()


_stuffed = {}


def stuff(data):
    """As DATA wants it; made once for each message."""
    if data not in _stuffed:
        _stuffed[data] = re.sub(rb"(?m)^\.", b"..", data) + b".\r\n"
    return _stuffed[data]


CHUNK = 20


def deliver(sites, mails):
    """All mails to each site, on one connection, to its users by turns; the
    sites take turns every few messages, so that what else the machine does
    befalls them alike. Returns for each site (seconds of each message, CPU of
    its processes by name)."""
    sessions = [Session(site) for site in sites]
    before = [site.cpu() for site in sites]
    secs = [[] for _ in sites]
    for start in range(0, len(mails), CHUNK):
        turns = list(zip(sites, sessions, secs))
        if start // CHUNK % 2:
            turns.reverse()
        for site, session, taken in turns:
            for i, mail in enumerate(mails[start:start + CHUNK], start):
                user = site.users[i % len(site.users)]
                taken.append(session.send(mail, [user.address]))
    found = []
    for site, was, taken in zip(sites, before, secs):
        site.wait_log_quiet()
        found.append((taken, site.cpu_since(was)))
    for session in sessions:
        session.close()
    return found


class _WarmUp:
    data = (b"From: a@warm-up.example\r\nTo: bob@mx.example\r\n"
            b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
            b"Message-ID: <w@warm-up.example>\r\nSubject: warm up\r\n\r\nx\r\n")
    mail_from, client_ip, helo = "a@warm-up.example", "192.0.2.1", "warm-up"


WARM_UP = _WarmUp
