"""What users take back from Junk, in the history: counted, believed as a count
and no more, and no move waits for it."""
import os
import signal
import socket
import stat
import time

import fake_verifier
import history
import patience
from case import needs_authres
from dovecot import MAIL_UID
from moves import LIST, Session, deliver_to, mail

OTHER_UID = 5711
TODAY = "day = (SELECT MAX(day) FROM authres_row)"


def site(t):
    store = history.Sqlite(t)
    dovecot = fake_verifier.dovecot(t, own=True, settings=store.settings,
                                    config=store.config)
    return store, dovecot


def taken_back(store):
    """{(author domain, through): count}"""
    found = {}
    for domain, data, n in store.query(
            "SELECT domain, data, n FROM authres_row"):
        fields = data.split("\t")
        if fields[1] == "delivered":
            continue
        key = (domain, fields[8])
        found[key] = found.get(key, 0) + int(n)
    return found


@needs_authres
def test_moves_are_counted(t):
    store, dovecot = site(t)
    user = dovecot.user()
    author = f"a@{t.domain()}"
    domain = author.partition("@")[2]
    deliver_to(user, mail(author), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    # a mark counts, too; so does the administrator
    deliver_to(user, mail(author, None, 2), "Junk")
    with Session(user) as s:
        s.store("+FLAGS", "$NotJunk")
        s.expunge()
    deliver_to(user, mail(author, None, 3, forwarder="fwd.example.net"),
               "Junk")
    dovecot.doveadm("authres", "release", "-u", user.name, "Junk", "3",
                    check=True)
    # what went to INBOX was not taken back, and what goes back is not
    deliver_to(user, mail(author, dmarc="pass", number=4), "INBOX")
    with Session(user, "INBOX") as s:
        s.uid("MOVE", "1:*", "Junk")
    history.flush(dovecot)
    assert taken_back(store) == {
        (domain, LIST): 1, (domain, ""): 1, (domain, "fwd.example.net"): 1}, \
        taken_back(store)
    done = dovecot.doveadm("-f", "tab", "authres", "stats", check=True)
    rows = {line.split("\t")[0]: line.split("\t")[1:]
            for line in done.stdout.splitlines()}
    assert rows["group"][-1] == "taken_back" and rows[domain] == [
        "0", "0", "0", "0", "0", "0", "0", "3"], rows
    # a report knows nothing of it
    done = dovecot.doveadm("authres", "report", "--dry-run", "--date",
                           time.strftime("%Y-%m-%d", time.gmtime()))
    assert domain not in done.stdout, done


@needs_authres
def test_moves_never_wait(t):
    """A recorder that hangs, and none."""
    store, dovecot = site(t)
    user = dovecot.user()
    history.flush(dovecot)
    path = os.path.join(dovecot.base_dir, "authres-taken-back")
    for number in (1, 2):
        if number == 1:
            dovecot.signal("authres-history", signal.SIGSTOP)
        else:
            dovecot.signal("authres-history", signal.SIGCONT)
            os.unlink(path)
        deliver_to(user, mail(f"a{number}@example.org"), "Junk")
        with Session(user) as s:
            begin = time.monotonic()
            s.move("INBOX")
            assert time.monotonic() - begin < patience.secs(10)
    assert len(user.mails("INBOX")) == 2
    history.flush(dovecot)
    assert taken_back(store) == {("example.org", LIST): 1}


def line(domain):
    return "\t".join(["MESSAGE", "1", domain, "0", "", "1", "taken-back", "",
                      "fail", "quarantine", "n", "n", "", "", "", domain, "",
                      "n", "n", "", "none", ""]) + "\n"


def as_user(uid, dovecot, what):
    """what(connect) in a process of that user; returns what it returns, a
    short text."""
    path = os.path.join(dovecot.base_dir, "authres-taken-back")

    def connect():
        connection = socket.socket(socket.AF_UNIX)
        # waits for room in the queue, as one with a timeout does not
        connection.connect(path)
        connection.settimeout(patience.secs(50))
        return connection
    end, begin = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.write(begin, what(connect).encode())
        except OSError as e:
            os.write(begin, str(e).encode())
        finally:
            os._exit(0)
    os.close(begin)
    with os.fdopen(end) as f:
        said = f.read()
    os.waitpid(child, 0)
    return said


def say(*lines):
    def what(connect):
        answers = b""
        for text in lines:
            with connect() as connection:
                try:
                    connection.sendall(text.encode())
                    answers += connection.recv(1000)
                except (BrokenPipeError, ConnectionResetError):
                    # closed with bytes unread
                    pass
        return answers.decode()
    return what


@needs_authres
def test_liars(t):
    """A local user makes counts wrong that nobody else believes, and so many
    of them; others are counted all the while."""
    store, dovecot = site(t)
    recorder = os.stat(os.path.join(dovecot.base_dir, "authres-history"))
    assert stat.S_IMODE(recorder.st_mode) == 0o600
    # nothing is answered, and a delivery is none
    delivered = history.line(20281, "victim.example", 1) + "\n"
    assert as_user(MAIL_UID, dovecot, say(
        "STATUS\n", "FLUSH\n", delivered, "nonsense\n", "x" * 9000 + "\n",
        line("liar.example") + line("liar.example"))) == ""
    assert as_user(MAIL_UID, dovecot, say(
        *[line("liar.example")] * 1010)) == ""
    assert as_user(OTHER_UID, dovecot, say(line("other.example"))) == ""
    dovecot.wait_log(f"uid {MAIL_UID} says that more mail was taken back",
                     "warning")
    history.flush(dovecot)
    assert taken_back(store) == {("liar.example", ""): 1000,
                                 ("other.example", ""): 1}, taken_back(store)
    [(days,)] = store.query("SELECT COUNT(DISTINCT day) FROM authres_row "
                            f"WHERE {TODAY} AND day > 20500")
    assert days == 1
    assert store.query("SELECT * FROM authres_policy") == []


@needs_authres
def test_held_connections(t):
    """A user who holds connections and says nothing keeps nobody out."""
    store, dovecot = site(t)
    history.flush(dovecot)

    def hold(connect):
        held = [connect() for _ in range(600)]
        said = say(line("held.example"))(connect)
        # each had its second, or was the oldest of too many
        for connection in held:
            said += connection.recv(10).decode()
        return said
    said = as_user(OTHER_UID, dovecot, hold)
    assert said == "", said
    user = dovecot.user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    assert history.flush(dovecot)["lost"] == "0"
    assert taken_back(store) == {("held.example", ""): 1,
                                 ("example.org", LIST): 1}, taken_back(store)
