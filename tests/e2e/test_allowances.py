"""What a user allows: the dict that keeps it, doveadm authres allow, statistics,
memory."""
import glob
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time

import fake_verifier
import patience
from case import needs_authres
from dovecot import IS_24, MAIL_UID, free_port, wait_for
from moves import ALICE, LIST, Session, allowances, deliver_to, mail, plain


@needs_authres
def test_dict_that_fails(t):
    dovecot = plain(t)
    for uri in ("proxy:/nowhere/dict:authres", "nonsense:x",
                "file:/proc/nowhere/dict"):
        user = dovecot.user(authres_dict=uri)
        mark = dovecot.mark("error")
        begin = time.monotonic()
        deliver_to(user, mail(), "Junk")
        assert time.monotonic() - begin < patience.secs(5)
        with Session(user) as s:
            s.move("INBOX")
        assert "$NotJunk" in user.only_mail().keywords
        wait_for(lambda: [line for line in dovecot.log_lines("error")[mark:]
                          if "going on without it" in line and
                          "imap" in line], "errors of imap")
        lines = [line for line in dovecot.log_lines("error")[mark:]
                 if "authres: authres_dict: " in line and "lmtp" in line]
        # a file that is not there is empty
        assert len(lines) == (0 if uri.startswith("file") else 1), lines
        for line in dovecot.log_lines("info")[-20:]:
            if "authres: released" in line and f"({user.name})" in line:
                assert "allowed=no" in line
    # none at all is no error; on 2.4 that would be the default
    if IS_24:
        return
    dovecot = fake_verifier.dovecot(t, settings={"authres_dict": ""})
    user = dovecot.user()
    mark = dovecot.mark("error")
    deliver_to(user, mail(), "Junk")
    assert dovecot.log_lines("error")[mark:] == []


@needs_authres
def test_dict_server_that_hangs(t):
    # Dovecot's own client would wait a minute
    path = os.path.join(t.directory(), "dict")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(50)
    dovecot = fake_verifier.dovecot(
        t, own=True, settings={"authres_dict": f"proxy:{path}:authres"},
        config="service lmtp {\n  process_limit = 1\n}\n")
    users = [dovecot.user() for _ in range(3)]
    mark = dovecot.mark("error")
    begin = time.monotonic()
    for number in range(2):
        replies = dovecot.deliver(mail(number=number), users)
        assert [r.code for r in replies] == [250] * 3
    assert time.monotonic() - begin < patience.secs(8)
    for user in users:
        assert all("$Junk" in m.keywords for m in user.mails("Junk"))
        assert len(user.mails("Junk")) == 2
    lines = [line for line in dovecot.log_lines("error")[mark:]
             if "going on without it" in line]
    assert len(lines) == 1 and "no answer in 3 seconds" in lines[0], lines
    begin = time.monotonic()
    with Session(users[0]) as s:
        s.uid("MOVE", "1:*", "INBOX")
    assert len(users[0].mails()) == 2
    done = dovecot.doveadm("authres", "allow", "add", "-u", users[1].name,
                           ALICE, "list:" + LIST)
    assert done.returncode == 75 and "no answer" in done.stderr, done
    assert dovecot.lda(mail(), users[2]).returncode == 0
    assert len(users[2].mails("Junk")) == 3
    assert time.monotonic() - begin < patience.secs(15)
    listener.close()


SQL_23 = """connect = DATABASE
map {
  pattern = priv/authres/allow/$entry
  table = authres
  username_field = username
  value_field = expires
  fields {
    entry = $entry
  }
}
"""
SQL_24 = """dict_server {
  dict authres {
    driver = sql
    sql_driver = sqlite
    sqlite_path = DATABASE
    dict_map priv/authres/allow/$entry {
      sql_table = authres
      username_field = username
      value_field expires {
      }
      key_field entry {
        value = $entry
      }
    }
  }
}
"""


@needs_authres
def test_dict_in_sql(t):
    drivers = glob.glob("/usr/lib/dovecot/modules/**/libdriver_sqlite.so",
                        recursive=True)
    if not drivers:
        t.skip("dovecot-sqlite is not installed")
    directory = t.directory("sql")
    database = os.path.join(directory, "authres.sqlite")
    conf = os.path.join(directory, "dict.conf.ext")
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE authres (username VARCHAR(255) NOT NULL, "
            "entry VARCHAR(600) NOT NULL, expires VARCHAR(40) NOT NULL, "
            "PRIMARY KEY (username, entry))")
    os.chmod(directory, 0o777)
    os.chmod(database, 0o666)
    with open(conf, "w") as f:
        f.write(SQL_23.replace("DATABASE", database))
    if IS_24:
        # a whole configuration in its own words
        dicts = SQL_24.replace("DATABASE", database)
        config = f"!include {conf}.24\n"
        with open(conf + ".24", "w") as f:
            f.write(dicts)
    else:
        config = f"dict {{\n  authres = sqlite:{conf}\n}}\n"
    dovecot = fake_verifier.dovecot(
        t, own=True, settings={"authres_dict": "proxy::authres"},
        config=config + "service dict {\n  unix_listener dict {\n"
        "    mode = 0666\n  }\n}\n")
    user, other = dovecot.user(), dovecot.user()
    odd = "a/b\\'c%d@example.org"
    for author in (ALICE, odd):
        assert dovecot.doveadm("authres", "allow", "add", "-u", other.name,
                               author, "list:" + LIST).returncode == 0
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]
    assert sorted(allowances(other)) == sorted(
        [f"list:{LIST} {ALICE}", f"list:{LIST} {odd}"])
    deliver_to(user, mail(), "INBOX")
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT username, entry, expires "
                                  "FROM authres").fetchall()
    assert (user.name, f"list {LIST} {ALICE}") in [r[:2] for r in rows]
    for author in (ALICE, odd):
        assert dovecot.doveadm("authres", "allow", "remove", "-u", other.name,
                               author, "list:" + LIST).returncode == 0
    assert allowances(other) == [] and len(allowances(user)) == 1


@needs_authres
def test_doveadm_allow(t):
    dovecot = plain(t)
    user = dovecot.user()

    def allow(*arguments, fmt="table"):
        return dovecot.doveadm("-f", fmt, "authres", "allow", *arguments)

    assert allow("add", "-u", user.name, "Alice@Example.org",
                 "list:Lists.Example.net").returncode == 0
    assert allow("add", "-u", user.name, "-e", "2d", "bob@example.org",
                 "forwarder:2001:db8::9").returncode == 0
    listed = allow("list", "-u", user.name, fmt="json")
    rows = json.loads(listed.stdout)
    assert [(r["author"], r["kind"], r["through"], r["state"])
            for r in rows] == [
        (ALICE, "list", LIST, "added"),
        ("bob@example.org", "forwarder", "2001:db8::9", "added")]
    days = [(time.mktime(time.strptime(r["expires"][:19],
                                       "%Y-%m-%dT%H:%M:%S")) -
             time.time()) / 86400 for r in rows]
    assert 363 < days[0] < 366 and 1 < days[1] < 3, rows
    for fmt in ("tab", "table", "flow", "pager"):
        assert ALICE in allow("list", "-u", user.name, fmt=fmt).stdout
    deliver_to(user, mail(), "INBOX")
    # added by hand: not renewed
    assert json.loads(allow("list", "-u", user.name, fmt="json").stdout) == rows

    assert allow("remove", "-u", user.name, ALICE,
                 "list:" + LIST).returncode == 0
    again = allow("remove", "-u", user.name, ALICE, "list:" + LIST)
    assert again.returncode == 68 and "Not allowed before" in again.stderr
    deliver_to(user, mail(), "Junk")

    for arguments, code, text in (
            (["add", "-u", user.name, "alice", "list:" + LIST], 64,
             "Not an address"),
            (["add", "-u", user.name, ALICE, LIST], 64,
             "Neither list:DOMAIN nor forwarder:NAME"),
            (["add", "-u", user.name, ALICE, "list:a b"], 64,
             "Not a domain"),
            (["add", "-u", user.name, ALICE], 64, "needed"),
            (["remove", "-u", user.name], 64, "needed"),
            (["add", "-u", user.name, "-e", "soon", ALICE, "list:" + LIST], 64,
             "--expire soon"),
            (["add", "-u", user.name, "-e", "0", ALICE, "list:" + LIST], 64,
             "--expire 0"),
            (["list", "-u", "nobody"], 67, "nobody"),
            (["add", "-u", "nobody", ALICE, "list:" + LIST], 67, "nobody")):
        done = allow(*arguments)
        assert done.returncode == code, (arguments, done)
        assert text in done.stderr, (arguments, done.stderr)
    broken = dovecot.user(authres_dict="proxy:/nowhere/dict:authres")
    for arguments in (["list"], ["add", ALICE, "list:" + LIST],
                      ["remove", ALICE, "list:" + LIST]):
        done = allow(arguments[0], "-u", broken.name, *arguments[1:])
        assert done.returncode == 75 and "authres_dict: " in done.stderr, done


@needs_authres
def test_bounded_and_renewed(t):
    dovecot = plain(t)
    user = dovecot.user()
    now = int(time.time())
    lines = []
    for i in range(1000):
        lines += [f"priv/authres/allow/list l{i}.example a@b.example",
                  f"{now + 86400 * 300 + i} learned"]
    lines += ["priv/authres/allow/list old.example a@b.example",
              f"{now - 5} learned",
              "priv/authres/allow/nonsense", "x",
              f"priv/authres/allow/list {LIST} {ALICE}",
              f"{now + 86400 * 100} learned",
              "priv/other", "kept"]
    user.write(".dovecot.authres", "\n".join(lines) + "\n")
    deliver_to(user, mail(), "INBOX")
    with open(os.path.join(user.home, ".dovecot.authres")) as f:
        kept = dict(zip(*[iter(f.read().splitlines())] * 2))
    assert kept["priv/other"] == "kept"
    # less than half of its year was left
    expires = int(kept[f"priv/authres/allow/list {LIST} {ALICE}"].split()[0])
    assert expires > now + 86400 * 364
    # the one that would have ended first made room
    listed = allowances(user)
    assert len(listed) == 1000
    assert "list:l0.example a@b.example" not in listed
    assert "list:old.example a@b.example" not in listed
    assert "list:l1.example a@b.example" in listed


EVENTS = """
event_exporter log {
  format = json
  format_args = time-rfc3339
  transport = log
}
metric authres_released {
  filter = event=authres_released AND category=authres
  group_by = kind allowed
  exporter = log
  exporter_include = name fields
}
"""


@needs_authres
def test_event(t):
    dovecot = fake_verifier.dovecot(t, config=EVENTS)
    user = dovecot.user()
    for data in (mail(), mail(list_domain=None),
                 mail(list_domain=None, forwarder="fw.example")):
        deliver_to(user, data, "Junk")
        with Session(user) as s:
            s.move("INBOX")
    # neither what never failed nor what others put there
    deliver_to(user, mail(dmarc="pass"), "INBOX")
    with Session(user, "INBOX") as s:
        s.uid("MOVE", "4", "Junk")
    with Session(user) as s:
        s.move("INBOX")

    def exported():
        found = [json.loads(line[line.index("{"):])["fields"]
                 for line in dovecot.log_lines() if '{"event":' in line]
        return len(found) == 3 and found
    events = wait_for(exported, "exported events")
    assert [(e["kind"], e["allowed"], e["author_domain"], e["mailbox"],
             e["user"]) for e in events] == [
        (kind, allowed, "example.org", "INBOX", user.name)
        for kind, allowed in (("list", "yes"), ("none", "no"),
                              ("forwarder", "yes"))]


@needs_authres
def test_under_valgrind(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    for number in (1, 2, 3):
        deliver_to(user, mail(number=number), "Junk")
    log = os.path.join(t.directory(), "valgrind")
    os.chmod(os.path.dirname(log), 0o777)
    child = subprocess.Popen(
        ["valgrind", "-q", "--error-exitcode=99", "--trace-children=yes",
         "--leak-check=full", "--errors-for-leak-kinds=definite",
         f"--log-file={log}.%p", "/usr/lib/dovecot/imap", "-c",
         dovecot.config_path, "-u", user.name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for number, command in enumerate((
            "SELECT Junk", "UID MOVE 1 INBOX", "UID COPY 2 INBOX",
            "UID STORE 2 +FLAGS \\Deleted", "EXPUNGE",
            "UID STORE 3 +FLAGS NonJunk", "UID COPY 3 INBOX", "SELECT INBOX",
            "UID MOVE 1 Junk", "LOGOUT")):
        child.stdin.write(f"a{number} {command}\r\n".encode())
        child.stdin.flush()
        while True:
            line = child.stdout.readline().decode()
            assert line, open(f"{log}.{child.pid}").read()
            if line.startswith(f"a{number} "):
                assert " OK" in line, line
                break
    child.stdin.close()
    assert child.wait(40) == 0, [
        open(os.path.join(os.path.dirname(log), name)).read()
        for name in os.listdir(os.path.dirname(log))]
    assert allowances(user) == []


class Redis:
    def __init__(self, directory):
        self.port = free_port()
        self._server = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--dir", directory, "--daemonize", "no"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(self._answers, "Redis answers")

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def close(self):
        self._server.kill()
        self._server.wait()


@needs_authres
def test_dict_in_redis(t):
    """It cannot list, but it learns, remembers and forgets."""
    if shutil.which("redis-server") is None:
        t.skip("redis-server is not installed")
    if IS_24:
        t.skip("its configuration is another there")
    redis = Redis(t.directory("redis"))
    t.own(redis)
    uri = f"redis:host=127.0.0.1:port={redis.port}:timeout_msecs=1000"
    dovecot = fake_verifier.dovecot(
        t, own=True, settings={"authres_dict": "proxy::authres"},
        config=f"dict {{\n  authres = {uri}\n}}\n"
        "service dict {\n  unix_listener dict {\n    mode = 0666\n  }\n}\n")
    user, other = dovecot.user(), dovecot.user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    deliver_to(user, mail(), "INBOX")
    deliver_to(other, mail(), "Junk")
    assert dovecot.doveadm("authres", "allow", "remove", "-u", user.name,
                           ALICE, "list:" + LIST).returncode == 0
    deliver_to(user, mail(), "Junk")
    listed = dovecot.doveadm("authres", "allow", "list", "-u", user.name)
    assert listed.returncode != 0 and listed.stderr, listed
    # without the service between it would take Dovecot down
    direct = dovecot.user(authres_dict=uri)
    mark = dovecot.mark("error")
    deliver_to(direct, mail(), "Junk")
    with Session(direct) as s:
        s.move("INBOX")
    assert "$NotJunk" in direct.only_mail().keywords
    dovecot.wait_log("Redis and memcached work only through the dict", "error",
                     since=mark)
    # a server that is gone holds up nothing
    redis.close()
    deliver_to(user, mail(), "Junk")


@needs_authres
def test_file_in_the_users_home(t):
    """It is private whatever the home's mode, and nothing that the user puts
    there holds up a process."""
    dovecot = plain(t)
    for mode in (0o755, 0o777, 0o700):
        user = dovecot.user()
        os.chmod(user.home, mode)
        deliver_to(user, mail(), "Junk")
        with Session(user) as s:
            s.move("INBOX")
        assert allowances(user) == [f"list:{LIST} {ALICE}"], mode
        path = os.path.join(user.home, ".dovecot.authres")
        assert os.stat(path).st_mode & 0o7777 == 0o600, mode
        # also one that was made before
        os.chmod(path, 0o664)
        deliver_to(user, mail(), "INBOX")
        assert os.stat(path).st_mode & 0o7777 == 0o600, mode

    def fifo(path):
        os.mkfifo(path)

    def link_to_fifo(path):
        os.mkfifo(path + ".fifo")
        os.symlink(path + ".fifo", path)

    def device(path):
        os.symlink("/dev/zero", path)

    def huge(path):
        with open(path, "w") as f:
            f.truncate(1 << 40)

    for what in (fifo, link_to_fifo, device, huge):
        user = dovecot.user()
        path = os.path.join(user.home, ".dovecot.authres")
        what(path)
        for name in (path, path + ".fifo"):
            if os.path.lexists(name):
                os.chown(name, MAIL_UID, MAIL_UID, follow_symlinks=False)
        mark = dovecot.mark("error")
        begin = time.monotonic()
        deliver_to(user, mail(), "Junk")
        with Session(user) as s:
            s.move("INBOX")
        assert time.monotonic() - begin < patience.secs(20), what
        assert "$NotJunk" in user.only_mail().keywords
        dovecot.wait_log("authres_dict: .*dovecot.authres (is no regular file|"
                         "has more than)", "error", mark)
