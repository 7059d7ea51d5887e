"""Mail full of names that never answer, through a real Postfix: it must not
keep the author's policy of other mail from being known, nor hold that mail up.

AUTHRES_TEST_STARVATION_SECS=600 makes the load last so long. Figures are added to
the file AUTHRES_TEST_STARVATION_FIGURES.
"""
import collections
import os
import re
import statistics
import threading
import time

import message
import patience
import verifier
from case import needs_authres, time_limit
from dovecot import MAIL_UID, wait_for
from host import CLIENT, OTHER
from postfix import Postfix
from snippets import snippet

SECS = int(os.environ.get("AUTHRES_TEST_STARVATION_SECS", "0"))
LOAD_SECS = SECS or 8
FIGURES = os.environ.get("AUTHRES_TEST_STARVATION_FIGURES", os.devnull)
# others may have this machine's cores, too
SLOWNESS = patience.factor()
# messages in a second: Postfix has 20 connections to Dovecot
RATE = 2 / SLOWNESS
MAX_BYTES = 64 * 1024 * 1024
# of a busy machine
SLACK_SECS = 0.3 * SLOWNESS
# what a verifier gets that asks for an answer within a second of a quiet
# machine
PROBE_MSECS = round(1100 * SLOWNESS)
# Names are not used again before they are forgotten.
SETS = min(int(RATE * LOAD_SECS) + 2, 140)
BANK = "bank.starvation.example"
GOOD = "good.starvation.example"


def zone():
    """The dead names: of each message those of ten mx with ten hosts each.
    What is below dead.example never answers."""
    lines = ['*.dead.example. TIMEOUT',
             f'_dmarc.{BANK}. TXT "v=DMARC1; p=reject"',
             f'{BANK}. TXT "v=spf1 -all"',
             f'_dmarc.{GOOD}. TXT "v=DMARC1; p=reject"',
             f'{GOOD}. TXT "v=spf1 ip4:{CLIENT} -all"']
    for i in range(SETS):
        names = [f"m{k}.evil{i}.example" for k in range(10)]
        lines.append(f"evil{i}.example. TXT \"v=spf1 " +
                     " ".join("mx:" + name for name in names) + ' -all"')
        lines.append(f'_dmarc.evil{i}.example. TXT "v=DMARC1; p=reject"')
        lines += [f"{name}. MX 10 h{n}.k{k}.s{i}.dead.example."
                  for k, name in enumerate(names) for n in range(10)]
    return "\n".join(lines) + "\n" + message.RSA.record("s1", GOOD)


def deep_signatures(number, count=20):
    """Signatures of domains of seven labels: eight questions each."""
    return b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; "
        b"d=a.b.c.d%d.m%d.dead.example;\r\n"
        b"\ts=s%d; h=from:to:subject; bh=%s; b=AAAA\r\n" %
        (i, number, i, b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        for i in range(count))


def hostile(number):
    """(message, MAIL FROM): by turns a forgery, and a message whose author
    has all the silent names himself."""
    i = number % SETS
    author = BANK if number % 2 else f"evil{i}.example"
    return (deep_signatures(number) + message.message(
        f"ceo@{author}", f"number {number}\r\n"), f"x@evil{i}.example")


def dead(number):
    """(message, MAIL FROM): nothing of its author's domain answers."""
    domain = f"n{number}.dead.example"
    return message.message(f"a@{domain}"), f"b@{domain}"


class Load(threading.Thread):
    """rate messages in a second: mail(number) -> (message, MAIL FROM)."""

    def __init__(self, postfix, rcpts, mail, rate):
        super().__init__(daemon=True)
        self.postfix, self.rcpts = postfix, rcpts
        self.mail, self.rate = mail, rate
        self.over = threading.Event()
        self.sent = 0

    def run(self):
        started = time.monotonic()
        while not self.over.is_set():
            data, mail_from = self.mail(self.sent)
            self.postfix.send(data, self.rcpts[self.sent % len(self.rcpts)],
                              mail_from, OTHER)
            self.sent += 1
            self.over.wait(max(0, started + self.sent / self.rate -
                               time.monotonic()))


def send_good(postfix, user, count, secs):
    """Seconds that each took in Postfix's queue and in Dovecot. (What it takes
    to connect, to new processes of Dovecot, says nothing about us.)"""
    mark = len(postfix.log_lines())
    for _ in range(count):
        postfix.send(message.dkim_sign(message.message(f"a@{GOOD}"), GOOD),
                     user.address, f"b@{GOOD}", CLIENT)
        time.sleep(secs / count)

    def delays():
        found = re.findall(
            rf"to=<{user.address}>.* delays=[\d.]+/([\d.]+)/[\d.]+/([\d.]+),"
            ".*status=sent", "".join(postfix.log_lines()[mark:]))
        return [float(queue) + float(dovecot) for queue, dovecot in found] \
            if len(found) >= count else None
    return wait_for(delays, "good mail", 60)


def probe(dovecot, forged, number):
    """What is known of the policy after a second."""
    data = message.message(f"ceo@{BANK}") if forged else \
        message.dkim_sign(message.message(f"a@{GOOD}"), GOOD)
    if forged:
        data = deep_signatures(100000 + number) + data
    connection = verifier.Connection(dovecot)
    results, _ = connection.verify(
        data, mail_from=f"b@{GOOD}", argument_ip=OTHER if forged else CLIENT,
        timeout_msecs=PROBE_MSECS)
    connection.close()
    assert results is not None
    return [words[1] for words in results if words[0] == "dmarc"][0]


def note(figures):
    with open(FIGURES, "a", encoding="ascii") as f:
        f.write(figures + "\n")


def recipients(dovecot):
    """Postfix's local() takes two messages at a time for one of them."""
    return [dovecot.user().address for _ in range(20)]


def peak_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) * 1024


def system(t):
    host = t.host("postfix")

    def create():
        host.add_user("vmail", MAIL_UID)
        return Postfix(host)
    postfix = t.shared("postfix", create)
    dovecot = t.dovecot(config=snippet(
        "postfix-lmtp/dovecot.conf",
        {"/var/spool/postfix": postfix.queue_directory}) +
        snippet("general/dovecot.conf", {"mx.example.fr": "mx.example"}))
    postfix.use(snippet("postfix-lmtp/main.cf") +
                "smtpd_client_connection_count_limit = 0\n")
    return postfix, dovecot


@needs_authres
@time_limit(LOAD_SECS * 2 + 150)
def test_the_policy_of_others_is_known(t):
    postfix, dovecot = system(t)
    t.dns.add_zone(zone())
    user = dovecot.user()
    victims = recipients(dovecot)
    undisturbed = statistics.median(send_good(postfix, user, 8, 2))
    pids = dovecot.processes("authres")
    load = Load(postfix, victims, hostile, RATE)
    load.start()
    time.sleep(LOAD_SECS / 3)
    outcomes = []

    def probes():
        number = 0
        while not load.over.is_set() or number < 2:
            outcomes.append((number % 2, probe(dovecot, number % 2, number)))
            number += 1
            load.over.wait(0.5)
    prober = threading.Thread(target=probes, daemon=True)
    prober.start()
    delays = send_good(postfix, user, max(10, LOAD_SECS), LOAD_SECS * 2 / 3)
    load.over.set()
    load.join()
    prober.join()
    peak = max(peak_bytes(pid) for pid in dovecot.processes("authres"))
    wait_for(lambda: len(re.findall(
        f"to=<({'|'.join(victims)})>.*status=(sent|deferred)",
        "".join(postfix.log_lines()))) >= load.sent, "hostile mail", 60)

    disturbed = statistics.median(delays)
    lines = [line for line in dovecot.log_lines() if f"from={BANK}" in line]
    note(f"{load.sent} hostile messages, peak {peak >> 20} MiB; good mail: "
         f"median {undisturbed} s, {disturbed} s under load, worst "
         f"{max(delays)} s; probes {collections.Counter(outcomes)}; "
         f"{len([n for n in lines if 'dmarc=fail' in n])} of {len(lines)} "
         "forgeries failed")
    assert set(outcomes) == {(0, "pass"), (1, "fail")}, outcomes
    assert lines and not [line for line in lines if "dmarc=fail" not in line]
    assert set(dovecot.processes("authres")) >= set(pids)
    assert peak < MAX_BYTES, peak
    assert disturbed <= 2 * undisturbed + SLACK_SECS, (undisturbed, delays)


@needs_authres
@time_limit(LOAD_SECS * 2 + 150)
def test_mail_of_dead_domains_holds_up_nobody(t):
    postfix, dovecot = system(t)
    t.dns.add_zone(zone())
    user = dovecot.user()
    undisturbed = statistics.median(send_good(postfix, user, 5, 1))
    load = Load(postfix, recipients(dovecot), dead, 10 / SLOWNESS)
    load.start()
    time.sleep(LOAD_SECS / 3)
    delays = send_good(postfix, user, max(10, LOAD_SECS), LOAD_SECS * 2 / 3)
    load.over.set()
    load.join()
    disturbed = statistics.median(delays)
    note(f"{load.sent} messages of dead domains; good mail: median "
         f"{undisturbed} s, {disturbed} s under load, worst {max(delays)} s")
    assert disturbed <= 2 * undisturbed + SLACK_SECS, (undisturbed, delays)


@needs_authres
def test_what_was_given_up_leaves_no_room_taken(t):
    """More than the resolver keeps under way, given up by clients that leave:
    the process makes room inside its sandbox."""
    dovecot = t.own_dovecot(config=verifier.ONE_PROCESS)
    t.dns.add_zone(zone() + message.RSA.record("s1", "other.example"))
    pid = dovecot.processes("authres")
    for round_ in range(3):
        connections = [verifier.Connection(dovecot) for _ in range(12)]
        mark = t.dns.mark()
        for i, connection in enumerate(connections):
            connection.request(mail_from="b@other.example")
            connection.message(deep_signatures(200000 + 20 * round_ + i) +
                               message.message(f"a@{BANK}"))
        wait_for(lambda: len({q.name for q in t.dns.questions(mark)
                              if "dead" in q.name}) >= 40, "silent names")
        for connection in connections:
            connection.close()
    connection = verifier.Connection(dovecot)
    results, verdict = connection.verify(
        message.dkim_sign(message.message(f"a@{BANK}"), "other.example"),
        timeout_msecs=3000)
    connection.close()
    assert ["dkim", "pass"] in [r[:2] for r in results], results
    assert int(verdict["dns_wait_msecs"]) < 1000, verdict
    assert dovecot.processes("authres") == pid
