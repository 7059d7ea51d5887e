"""Local users at the verifier's socket, which is open to all of them: however
many connections they hold, whatever they send, deliveries are judged as if
nobody was there."""
import contextlib
import os
import pwd
import socket
import statistics
import subprocess
import sys
import time

import message
import patience
import verifier
from case import needs_authres, time_limit
from dovecot import MAIL_UID, cpu_secs

STRANGER_UIDS = (5701, 5702, 5703, 5704)
DELIVERIES = 8
PASSWD_USER = "games"
# A process that keeps so many connections, opens those again that end, and
# says something on each. Prints a line when it has tried all once.
HOLD = r"""
import errno, os, resource, select, socket, sys, time
path, count, mode, uid = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
os.setgroups([]); os.setgid(int(uid)); os.setuid(int(uid))
GREETING = b"VERSION\tauthres-verifier\t1\t0\n"
VERIFY = (b"VERIFY\tprotocol=lda\tmail_from=a@example.org"
          b"\treceived_time=1\ttimeout_msecs=120000\n65536\n")
SAY = {"idle": b"", "greeted": GREETING, "slow": GREETING[:1],
       "busy": GREETING + VERIFY, "status": GREETING + b"STATUS\n" * 500}[mode]
TRICKLE = {"slow": b"x", "busy": b"x"}.get(mode)
poll, held, told, next_byte = select.poll(), {}, False, time.monotonic() + 1
while True:
    for _ in range(min(100, count - len(held))):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(path)
            s.send(SAY)
        except OSError as e:
            s.close()
            if e.errno == errno.EAGAIN:
                break
            continue
        held[s.fileno()] = s
        poll.register(s, select.POLLIN)
    for fd, _ in poll.poll(20):
        try:
            data = held[fd].recv(65536)
        except OSError:
            data = b""
        if not data:
            poll.unregister(fd)
            held.pop(fd).close()
    if TRICKLE and time.monotonic() > next_byte:
        next_byte += 1
        for s in held.values():
            try:
                s.send(TRICKLE)
            except OSError:
                pass
    if not told:
        told = True
        print("holding", flush=True)
"""


@contextlib.contextmanager
def strangers(dovecot, count, mode, uids=STRANGER_UIDS[:1]):
    """So many connections of each of them."""
    running = [subprocess.Popen(
        [sys.executable, "-c", HOLD, verifier.path(dovecot), str(count), mode,
         str(uid)], stdout=subprocess.PIPE, text=True) for uid in uids]
    try:
        for process in running:
            assert process.stdout.readline() == "holding\n"
        yield
        for process in running:
            assert process.poll() is None
    finally:
        for process in running:
            process.kill()
            process.wait()
            process.stdout.close()


def connect_as(uid, dovecot, greet=True, ending="", timeout=8):
    """A connection of that user."""
    here, there = socket.socketpair()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(verifier.path(dovecot) + ending)
            socket.send_fds(there, [b"x"], [connection.fileno()])
        finally:
            os._exit(0)
    there.close()
    _, files, _, _ = socket.recv_fds(here, 1, 1)
    here.close()
    os.waitpid(child, 0)
    found = verifier.Connection.__new__(verifier.Connection)
    found.socket = socket.socket(fileno=files[0])
    found.socket.settimeout(timeout)
    found._input = b""
    found.greeting = found.line()
    if greet:
        found.send(verifier.VERSION)
    return found


def latencies(t, dovecot):
    """Of forged messages, each of a new domain; all are judged."""
    found = []
    user = dovecot.user()
    for _ in range(DELIVERIES):
        domain = t.domain()
        t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n'
                       f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
        data = message.message(f"a@{domain}", extra=[
            message.received("203.0.113.7", "host.example.net")])
        start = time.monotonic()
        assert dovecot.deliver(data, user, f"a@{domain}").code == 250
        found.append(time.monotonic() - start)
    judged = [mail.authres for mail in user.mails("Junk")]
    assert len(judged) == DELIVERIES, (len(judged), user.mails())
    assert all("dmarc=fail" in field for field in judged), judged
    return found


@needs_authres
@time_limit(180)
def test_strangers_connections_do_not_disturb_deliveries(t):
    dovecot = t.own_dovecot()
    undisturbed = statistics.median(latencies(t, dovecot))
    for count, mode, uids in (
            (400, "idle", STRANGER_UIDS[:1]),
            (2000, "idle", STRANGER_UIDS[:1]),
            (400, "greeted", STRANGER_UIDS[:1]),
            (400, "slow", STRANGER_UIDS[:1]),
            (400, "busy", STRANGER_UIDS[:1]),
            (400, "status", STRANGER_UIDS[:1]),
            (400, "busy", STRANGER_UIDS)):
        with strangers(dovecot, count, mode, uids):
            median = statistics.median(latencies(t, dovecot))
        print(f"{count} {mode} of {len(uids)} users: {median * 1000:.1f} ms, "
              f"undisturbed {undisturbed * 1000:.1f} ms")
        # the machine has other things to do, and now the strangers, too
        assert median < undisturbed * 4 + 0.25, (count, mode, median,
                                                 undisturbed)
    # and the administrator hears of nothing but the one client of this test
    lines = [line for line in dovecot.log_lines("error") if "authres" in line
             and "came from 203.0.113.7" not in line]
    assert not lines, lines


@needs_authres
def test_a_stranger_gets_a_part_and_the_oldest_idle_one_goes(t):
    """client_limit = 40: each stranger has 10, all together 20."""
    dovecot = t.own_dovecot(config="service authres {\n  process_limit = 1\n"
                            "  process_min_avail = 1\n  client_limit = 40\n}\n")
    uid, other, third = STRANGER_UIDS[:3]
    busy = connect_as(uid, dovecot)
    busy.request()
    idle = [connect_as(uid, dovecot) for _ in range(9)]
    assert all("pid" in c.status() for c in idle)
    new = connect_as(uid, dovecot)
    assert "pid" in new.status()
    assert idle[0].line() == ""
    assert all("pid" in c.status() for c in idle[1:])
    # root is not counted
    root = [verifier.Connection(dovecot) for _ in range(12)]
    assert root[0].status()["connections"] == "22"
    # a message under way is not cut off for the sake of the same user
    busy.message(message.message())
    assert busy.reply()[0] is not None
    # nor is there a quarter for everybody: who has most gives
    others = [connect_as(other, dovecot) for _ in range(9)]
    assert all("pid" in c.status() for c in others)
    thirds = [connect_as(third, dovecot) for _ in range(3)]
    assert all("pid" in c.status() for c in thirds)
    assert root[0].status()["connections"] == "32"


@needs_authres
def test_a_stranger_who_is_busy_everywhere(t):
    """Who has a message under way on each connection gets no more; another
    user does."""
    dovecot = t.own_dovecot(config="service authres {\n  process_limit = 1\n"
                            "  process_min_avail = 1\n  client_limit = 8\n}\n")
    uid, other, third = STRANGER_UIDS[:3]
    held = []
    for user in (uid, uid, other):
        held.append(connect_as(user, dovecot))
        held[-1].request()
        held[-1].send(b"1\nF")
    refused = connect_as(uid, dovecot, greet=False)
    assert refused.greeting == ""
    good = [connect_as(third, dovecot) for _ in range(2)]
    assert all("pid" in c.status() for c in good)
    assert held[0].line() == ""
    for connection in held[1:]:
        connection.send(b"0\n")
        assert connection.reply()[0] is not None


@needs_authres
def test_a_stranger_has_a_second_for_the_first_line(t):
    dovecot = t.dovecot()
    start = time.monotonic()
    silent = connect_as(STRANGER_UIDS[0], dovecot, greet=False)
    silent.send(verifier.VERSION[:5])
    other = connect_as(STRANGER_UIDS[0], dovecot)
    assert silent.line() == ""
    assert 0.8 < time.monotonic() - start < patience.secs(8)
    # who said it has what others have
    assert "pid" in other.status()


@needs_authres
def test_commands_of_a_client_that_has_gone(t):
    """Thousands of STATUS lines cost what is read of them before the first
    answer cannot be written, whoever sent them."""
    dovecot = t.own_dovecot(config=verifier.ONE_PROCESS)
    root = verifier.Connection(dovecot)
    pid = root.pid
    before = cpu_secs(pid)
    for _ in range(5):
        gone = verifier.Connection(dovecot)
        gone.socket.setblocking(False)
        data = b"STATUS\n" * 30000
        try:
            while data:
                data = data[gone.socket.send(data):]
        except BlockingIOError:
            pass
        gone.close()
    # it has read all that it will read when later ones are closed again
    for _ in range(20):
        verifier.Connection(dovecot).close()
        assert root.pid == pid
    assert cpu_secs(pid) - before < 0.3, cpu_secs(pid) - before


@needs_authres
def test_what_a_stranger_is_not_told(t):
    """No load, and nothing of what others asked DNS for."""
    dovecot = t.dovecot()
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    root = verifier.Connection(dovecot)
    stranger = connect_as(STRANGER_UIDS[0], dovecot)
    assert not set(stranger.status()) & {"requests", "active", "memory_bytes",
                                         "connections", "waited"}
    assert "requests" in root.status()
    data = message.message(f"a@{domain}")
    for _ in range(2):
        root.verify(data, mail_from=f"a@{domain}")
    _, told = root.verify(data, mail_from=f"a@{domain}")
    assert told["dns_cached"] != "0", told
    _, told = stranger.verify(data, mail_from=f"a@{domain}")
    assert told["dmarc"] == "fail", told
    for key in ("dns_cached", "dns_waves", "dns_wait_msecs", "cpu_usecs"):
        assert told.get(key, "0") == "0", told


@needs_authres
def test_listener_of_deliveries(t):
    """lmtp comes by it although it has become the user."""
    dovecot = t.own_dovecot()
    path = verifier.path(dovecot) + "-delivery"
    info = os.stat(path)
    assert (info.st_uid, info.st_mode & 0o777) == (0, 0o600), info
    # nobody answers on the listener of all: deliveries do not notice
    os.rename(verifier.path(dovecot), verifier.path(dovecot) + ".gone")
    latencies(t, dovecot)
    os.rename(verifier.path(dovecot) + ".gone", verifier.path(dovecot))
    # and back: without the other one, all use this
    os.unlink(path)
    latencies(t, dovecot)
    # the files of the user are the user's
    user = dovecot.user()
    assert dovecot.deliver(message.message(), user).code == 250
    for name in user.files():
        assert os.stat(name).st_uid == MAIL_UID


@needs_authres
def test_administrator_opens_the_listener_of_deliveries(t):
    dovecot = t.own_dovecot(config="service authres {\n"
                            "  unix_listener authres-delivery {\n"
                            f"    mode = 0660\n    user = {PASSWD_USER}\n"
                            "  }\n}\n")
    uid = pwd.getpwnam(PASSWD_USER).pw_uid
    opened = connect_as(uid, dovecot, ending="-delivery")
    assert "requests" in opened.status()
    assert "requests" not in connect_as(uid, dovecot).status()
