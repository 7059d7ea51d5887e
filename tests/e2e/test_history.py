"""authres_history: what is kept of messages, in real databases."""
import json
import os
import pwd
import random
import signal
import time

import history
import message
import patience
from case import needs_authres, time_limit
from dovecot import IS_24, wait_for

CLIENT = "192.0.2.25"
DATA = ["version", "event", "config", "dmarc", "disposition", "dkim", "spf",
        "reason", "comment", "ip", "header_from", "envelope_from", "automatic",
        "outside_junk", "spf_domain", "spf_result", "spf_human"]


def rows(store, domain):
    """[(data as a dict, count)] of a policy domain"""
    return [(dict(zip(DATA, data.split("\t"))), int(n)) for data, n in
            store.query("SELECT data, n FROM authres_row "
                        f"WHERE domain = '{domain}' ORDER BY data")]


def zone(t, domain, policy):
    t.dns.add_zone(
        message.RSA.record("s1", domain) +
        f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}; fo=1; '
        f'rua=mailto:d@{domain}!10m, mailto:e@{domain}"\n'
        f'{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n')


def mail(domain, client=CLIENT, signed=True, queue_id="4XYZ", extra=()):
    data = message.message(f"a@{domain}", extra=[
        message.received(client, "out.example.net", id=queue_id),
        *extra])
    return message.dkim_sign(data, domain) if signed else data


def check_deliveries(t, store):
    settings = dict(store.settings)
    dovecot = t.own_dovecot(settings=settings, config=store.config)
    domain, rejecting, tagged = t.domain(), t.domain(), t.domain()
    users = [dovecot.user() for _ in range(3)]
    keeps = dovecot.user(authres_mode="tag")
    zone(t, domain, "quarantine")
    zone(t, rejecting, "reject")
    zone(t, tagged, "reject")

    def deliver(data, to, of=domain):
        answer = dovecot.deliver(data, to, mail_from=f"b@{of}")
        assert all(r.code == 250 for r in
                   (answer if isinstance(answer, list) else [answer])), answer
    # one message to three recipients
    deliver(mail(domain, queue_id="A1"), users)
    # three deliveries of one message
    for user in users:
        deliver(mail(domain, queue_id="A2"), user)
    forged = mail(domain, "203.0.113.9", False, "A3")
    deliver(forged, users[0])
    deliver(mail(rejecting, "203.0.113.9", False, "A4"), users[0], rejecting)
    # the strictest of its recipients counts
    deliver(mail(tagged, "203.0.113.9", False, "A5"), [keeps, users[0]],
            tagged)
    deliver(mail(tagged, "203.0.113.9", False, "A6",
                 ["Auto-Submitted: auto-replied"]), keeps, tagged)
    deliver(message.message("a@no-policy.example", extra=[message.received(
        CLIENT, "out.example.net", id="A7")]), users[0],
        "no-policy.example")
    assert history.flush(dovecot)["lost"] == "0"

    found = rows(store, domain)
    assert [(r["dmarc"], r["disposition"], n) for r, n in found] == \
        [("fail", "quarantine", 1), ("pass", "pass", 2)], found
    failed, passed = found[0][0], found[1][0]
    assert failed["ip"] == "203.0.113.9" and failed["outside_junk"] == "n"
    assert passed["ip"] == CLIENT and passed["dkim"] == passed["spf"] == "y"
    assert passed["header_from"] == passed["envelope_from"] == domain
    [(row, n)] = rows(store, rejecting)
    assert (row["disposition"], row["reason"], row["comment"], n) == (
        "quarantine", "local_policy", "reject is filed in Junk", 1), row
    found = sorted((r["disposition"], r["comment"], r["automatic"],
                    r["outside_junk"], n) for r, n in rows(store, tagged))
    assert found == [
        ("none", "not enforced here", "y", "y", 1),
        ("quarantine", "reject is filed in Junk", "n", "y", 1)], found
    [(row, n)] = rows(store, "-")
    assert row["dmarc"] == "none" and n == 1 and row["header_from"] == "", row
    [(data,)] = store.query("SELECT data FROM authres_policy "
                            f"WHERE domain = '{domain}'")
    assert data == (
        "method=treewalk;p=quarantine;adkim=r;aspf=r;t=n;pct=100;fo=1;psd=u;"
        f"rua=mailto:d@{domain}!10m,mailto:e@{domain}"), data
    check_stats(dovecot, domain, rejecting, tagged)
    check_config(dovecot)


def check_config(dovecot):
    done = dovecot.doveadm("-f", "json", "authres", "config")
    rows = {row["topic"]: row for row in json.loads(done.stdout)}
    assert rows["authres_history"]["state"] == "ok", rows["authres_history"]
    assert "0 lost" in rows["authres_history"]["value"], rows
    assert rows["reports"]["value"] == "none sent", rows["reports"]
    assert "authres_report_from" in rows, rows


def check_stats(dovecot, domain, rejecting, tagged):
    def stats(*options):
        done = dovecot.doveadm("-f", "tab", "authres", "stats", *options)
        assert done.returncode == 0, done.stderr
        header, *lines = done.stdout.splitlines()
        assert header.split("\t") == [
            "group", "messages", "passed", "failed", "other", "junk",
            "rejected", "overridden", "taken_back"], header
        return {name: [int(n) for n in numbers] for name, *numbers in
                (line.split("\t") for line in lines)}
    total = [7, 2, 4, 1, 3, 0, 3, 0]
    assert stats() == {
        domain: [3, 2, 1, 0, 1, 0, 0, 0], rejecting: [1, 0, 1, 0, 1, 0, 1, 0],
        tagged: [2, 0, 2, 0, 1, 0, 2, 0], "-": [1, 0, 0, 1, 0, 0, 0, 0],
        "total": total}, stats()
    assert stats("--by", "source") == {
        CLIENT: [2, 2, 0, 0, 0, 0, 0, 0], "203.0.113.9": [4, 0, 4, 0, 3, 0, 3, 0],
        "-": [1, 0, 0, 1, 0, 0, 0, 0], "total": total}
    assert stats("--by", "override", "--domain", tagged.upper()) == {
        "local_policy: reject is filed in Junk": [1, 0, 1, 0, 1, 0, 1, 0],
        "local_policy: not enforced here": [1, 0, 1, 0, 0, 0, 1, 0],
        "total": [2, 0, 2, 0, 1, 0, 2, 0]}
    [day, _] = stats("--by", "day", "--since", "1d")
    assert time.strftime("%Y-", time.gmtime()) in day, day
    assert stats("--since", "2037-01-01") == {"total": [0] * 8}
    for wrong in (("--by", "mailbox"), ("--since", "never")):
        done = dovecot.doveadm("authres", "stats", *wrong)
        assert done.returncode == 64 and wrong[1] in done.stderr, done


@needs_authres
def test_deliveries_sqlite(t):
    check_deliveries(t, history.Sqlite(t))


@needs_authres
def test_deliveries_pgsql(t):
    check_deliveries(t, history.Postgres(t))


def check_random_kills(t, store, kill):
    """10,000 messages while the store comes and goes: rows equal messages."""
    dovecot = t.own_dovecot(settings=store.settings, config=store.config)
    day, total, told = 20281, 10000, 0
    chance = random.Random(1)
    expected = {}
    while told < total:
        lines = []
        for _ in range(min(chance.randrange(50, 400), total - told)):
            told += 1
            domain = f"d{chance.randrange(40)}.example"
            ip = f"192.0.2.{chance.randrange(20)}"
            expected[domain] = expected.get(domain, 0) + 1
            lines.append(history.line(day, domain, told, ip))
        recorder = history.Recorder(dovecot)
        recorder.tell(lines)
        # it has them all when it answers
        recorder.ask()
        recorder.close()
        if chance.random() < 0.3:
            kill(dovecot)
        if chance.random() < 0.1:
            dovecot.signal("authres-history", signal.SIGKILL)
    status = history.flush(dovecot)
    assert status["lost"] == "0", status
    found = {domain: int(n) for domain, n in store.query(
        "SELECT domain, SUM(n) FROM authres_row GROUP BY domain")}
    assert found == expected, (sum(found.values()), found, expected)


@needs_authres
@time_limit(120)
def test_store_killed_sqlite(t):
    check_random_kills(t, history.Sqlite(t),
                       lambda dovecot: dovecot.signal("dict", signal.SIGKILL))


@needs_authres
@time_limit(120)
def test_store_killed_pgsql(t):
    store = history.Postgres(t)

    def kill(dovecot):
        store.stop()
        dovecot.signal("dict", signal.SIGKILL)
        store.start()
    check_random_kills(t, store, kill)


@needs_authres
@time_limit(120)
def test_deliveries_while_the_store_is_killed(t):
    """The same by real deliveries, passing and forged."""
    store = history.Sqlite(t)
    dovecot = t.own_dovecot(settings=store.settings, config=store.config)
    domain = t.domain()
    zone(t, domain, "quarantine")
    user = dovecot.user()
    chance = random.Random(2)
    with dovecot.lmtp() as lmtp:
        for i in range(200):
            forged = i % 4 == 0
            reply, = lmtp.deliver(f"b@{domain}", [user.address], mail(
                domain, "203.0.113.9" if forged else CLIENT, not forged,
                f"C{i}"))
            assert reply.code == 250, reply
            if chance.random() < 0.1:
                dovecot.signal("dict", signal.SIGKILL)
    assert history.flush(dovecot)["lost"] == "0"
    assert [(r["dmarc"], n) for r, n in rows(store, domain)] == \
        [("fail", 50), ("pass", 150)]


@needs_authres
def test_store_down_delays_nothing(t):
    """A store that is not there, a recorder that does not read, and none."""
    store = history.Sqlite(t)
    dovecot = t.own_dovecot(settings=store.settings, config=store.config)
    domain = t.domain()
    zone(t, domain, "quarantine")
    user = dovecot.user()
    os.rename(store.path, store.path + ".away")
    os.chmod(os.path.dirname(store.path), 0o500)
    dovecot.signal("dict", signal.SIGKILL)
    for i in range(20):
        assert dovecot.deliver(mail(domain, queue_id=f"B{i}"), user,
                               mail_from=f"b@{domain}").code == 250
    # the recorder hangs
    dovecot.signal("authres-history", signal.SIGSTOP)
    begin = time.monotonic()
    for i in range(20, 40):
        assert dovecot.deliver(mail(domain, queue_id=f"B{i}"), user,
                               mail_from=f"b@{domain}").code == 250
    assert time.monotonic() - begin < patience.secs(20)
    dovecot.signal("authres-history", signal.SIGCONT)
    dovecot.wait_log("authres_history: .*messages wait in the spool", "error")
    os.chmod(os.path.dirname(store.path), 0o700)
    os.rename(store.path + ".away", store.path)
    dovecot.signal("dict", signal.SIGKILL)
    history.flush(dovecot)
    assert [n for _, n in rows(store, domain)] == [40]


@needs_authres
def test_strangers_are_kept_out(t):
    store = history.Sqlite(t)
    dovecot = t.own_dovecot(settings=store.settings, config=store.config)
    path = os.path.join(dovecot.base_dir, "authres-history")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path).st_uid == 0
    history.flush(dovecot)
    spool = os.path.join(dovecot.base_dir, "authres-spool")
    assert os.stat(spool).st_mode & 0o777 == 0o700
    assert os.stat(spool).st_uid == pwd.getpwnam("dovecot").pw_uid
    # a line that is none ends the connection, and nothing else
    recorder = history.Recorder(dovecot)
    recorder.tell(["MESSAGE\tnonsense"])
    assert recorder.input.readline() == ""
    recorder.close()
    dovecot.wait_log("authres_history: no record of a message", "error")
    assert history.flush(dovecot)["taken"] == "0"


@needs_authres
def test_wrong_dict_is_refused(t):
    if IS_24:
        settings, config = {}, ("authres_history {\n  dict file {\n"
                                "    path = /tmp/nowhere\n  }\n}\n")
        config = f"!include {write(t, config)}\n"
    else:
        settings, config = {"authres_history": "file:/tmp/nowhere"}, ""
    dovecot = t.own_dovecot(settings=settings, config=config)
    recorder = history.Recorder(dovecot)
    status = recorder.ask("FLUSH")
    recorder.close()
    assert "file dict cannot keep it" in status["error"], status


def write(t, text):
    path = os.path.join(t.directory("conf"), "history.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


@needs_authres
def test_off_by_default(t):
    dovecot = t.own_dovecot()
    domain = t.domain()
    zone(t, domain, "quarantine")
    assert dovecot.deliver(mail(domain), dovecot.user(),
                           mail_from=f"b@{domain}").code == 250
    assert dovecot.processes("authres-history") == []
    assert wait_for(lambda: not os.path.exists(os.path.join(
        dovecot.base_dir, "authres-spool")), "no spool")
