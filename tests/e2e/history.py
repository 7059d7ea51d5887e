"""The history in a real database, by the files of doc/history as they are."""
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess

import patience
from dovecot import IS_24, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
DOC = os.path.join(HERE, "..", "..", "doc", "history")
POLICY = "method=treewalk;p=quarantine;adkim=r;aspf=r;t=n;pct=100"


def write_config(directory, kind, old, new):
    """Returns (settings, config) for t.dovecot()."""
    path = os.path.join(directory, "authres-history")
    shutil.copytree(DOC, path)
    name = os.path.join(
        path, f"{kind}-2.4.conf" if IS_24 else f"{kind}-2.3.conf.ext")
    with open(name, encoding="utf-8") as f:
        text = f.read()
    assert old in text, text
    with open(name, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    for base, _, names in os.walk(path):
        os.chmod(base, 0o755)
    if IS_24:
        return {}, f"!include {name}\n"
    return {"authres_history": "proxy::authres_history"}, \
        f"dict {{\n  authres_history = {kind}:{name}\n}}\n"


class Sqlite:
    def __init__(self, t):
        self.directory = t.directory("sqlite")
        os.chmod(self.directory, 0o755)
        data = os.path.join(self.directory, "data")
        os.mkdir(data)
        self.path = os.path.join(data, "history.db")
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            with open(os.path.join(DOC, "tables.sql")) as f:
                connection.executescript(f.read())
        connection.close()
        for path in [data] + [os.path.join(data, n) for n in os.listdir(data)]:
            shutil.chown(path, "dovecot", "dovecot")
        self.settings, self.config = write_config(
            self.directory, "sqlite",
            "/var/lib/dovecot-authres-history/history.db", self.path)

    def query(self, sql):
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


class Postgres:
    def __init__(self, t):
        bins = sorted(os.path.join(base, "bin") for base in
                      [os.path.join("/usr/lib/postgresql", n) for n in
                       (os.listdir("/usr/lib/postgresql")
                        if os.path.isdir("/usr/lib/postgresql") else [])])
        if not bins:
            t.skip("no PostgreSQL server")
        self.bin = bins[-1]
        self.directory = t.directory("pgsql")
        os.chmod(self.directory, 0o755)
        self.socket = os.path.join(self.directory, "socket")
        self.data = os.path.join(self.directory, "data")
        os.mkdir(self.socket)
        os.chmod(self.socket, 0o755)
        os.mkdir(self.data, 0o700)
        for path in (self.socket, self.data):
            shutil.chown(path, "postgres", "postgres")
        self._run("initdb", "-A", "trust", "-D", self.data, "-E", "UTF8")
        self.start()
        t.own(self)
        self._psql("postgres", "CREATE ROLE dovecot LOGIN")
        self._psql("postgres", "CREATE DATABASE authres OWNER dovecot")
        with open(os.path.join(DOC, "tables.sql")) as f:
            self._psql("authres", f.read(), "dovecot")
        self.settings, self.config = write_config(
            self.directory, "pgsql", "/var/run/postgresql", self.socket)

    def _run(self, program, *arguments):
        subprocess.run(["setpriv", "--reuid", "postgres", "--regid",
                        "postgres", "--clear-groups", "--",
                        os.path.join(self.bin, program), *arguments],
                       check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        self._run("pg_ctl", "-w", "-D", self.data, "-l",
                  os.path.join(self.socket, "log"), "-o",
                  f"-k {self.socket} -c listen_addresses= -c fsync=off",
                  "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-w", "-D", self.data, "-m", mode, "stop")

    close = stop

    def _psql(self, database, sql, user="postgres"):
        return subprocess.run(
            ["psql", "-qAtF", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", self.socket,
             "-U", user, database], input=sql, check=True, text=True,
            capture_output=True).stdout

    def query(self, sql):
        return [tuple(line.split("\x1f"))
                for line in self._psql("authres", sql).splitlines()]


class Recorder:
    """Who tells the service authres-history, and asks it."""

    def __init__(self, dovecot):
        self.path = os.path.join(dovecot.base_dir, "authres-history")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience.secs(50))
        self.socket.connect(self.path)
        self.input = self.socket.makefile()

    def tell(self, lines):
        self.socket.sendall("".join(line + "\n" for line in lines).encode())

    def ask(self, question="STATUS"):
        self.tell([question])
        line = self.input.readline()
        assert line.startswith("STATUS\t"), line
        return dict(field.split("=", 1)
                    for field in line.rstrip("\n").split("\t")[1:])

    def close(self):
        self.input.close()
        self.socket.close()


def flush(dovecot):
    """Everything told so far is in the store."""
    def flushed():
        recorder = Recorder(dovecot)
        try:
            status = recorder.ask("FLUSH")
        finally:
            recorder.close()
        return status["waiting_bytes"] == "0" and status
    return wait_for(flushed, "an empty spool", 50)


def line(day, domain, number, ip="192.0.2.7", dmarc="fail",
         disposition="quarantine"):
    config = hashlib.sha256(POLICY.encode()).hexdigest()[:16]
    data = ["1", "delivered", config, dmarc, disposition, "n", "n", "", "", ip,
            domain, domain, "n", "y" if disposition == "none" else "n", domain,
            "fail", ""]
    return "\t".join(["MESSAGE", str(day), domain, f"{number:x}",
                      POLICY + ";psd=u;rua=mailto:d@" + domain] + data)
