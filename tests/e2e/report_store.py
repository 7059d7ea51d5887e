"""A history in SQLite, filled as authres fills it, without deliveries."""
import hashlib
import os
import shutil
import sqlite3
import time

from history import DOC, write_config

TODAY = int(time.time()) // 86400


class Policy:
    """A DMARC record. tags: p, sp, adkim, ..."""

    def __init__(self, rua=None, p="none", **tags):
        config = f"method=treewalk;p={p}"
        for name in ("sp", "np"):
            if name in tags:
                config += f";{name}={tags[name]}"
        config += f";adkim={tags.get('adkim', 'r')}" \
            f";aspf={tags.get('aspf', 'r')};t={tags.get('t', 'n')};pct=100"
        if "fo" in tags:
            config += f";fo={tags['fo']}"
        self.config = hashlib.sha256(config.encode()).hexdigest()[:16]
        self.text = config + ";psd=u"
        if "defect" in tags:
            self.text += f";defect={tags['defect']}"
        if rua:
            self.text += f";rua={rua}"


class Store:
    """settings and config: what a Dovecot that uses it is started with."""

    def __init__(self, directory):
        os.chmod(directory, 0o755)
        data = os.path.join(directory, "data")
        os.mkdir(data)
        path = os.path.join(data, "history.db")
        self.db = sqlite3.connect(path, timeout=20, isolation_level=None,
                                  check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        with open(os.path.join(DOC, "tables.sql"), encoding="utf-8") as f:
            self.db.executescript(f.read())
        # the dict service runs as this user
        for name in [data] + [os.path.join(data, n) for n in os.listdir(data)]:
            shutil.chown(name, "dovecot", "dovecot")
        self.settings, self.config = write_config(
            directory, "sqlite",
            "/var/lib/dovecot-authres-history/history.db", path)

    def forget(self):
        for table in ("row", "policy", "report", "suppress"):
            self.db.execute(f"DELETE FROM authres_{table}")

    def policy(self, domain, policy, day=TODAY - 1):
        self.db.execute(
            "INSERT OR REPLACE INTO authres_policy VALUES (?, ?, ?, ?)",
            (day, domain, policy.config, policy.text))

    def row(self, domain, policy, n=1, *, day=TODAY - 1, ip="192.0.2.7",
            dmarc="fail", disposition="none", aligned="nn", reason="",
            comment="", header_from=None, envelope_from="list.example.org",
            automatic=False, outside_junk=True, spf="pass", dkim=()):
        """dkim: (domain, selector, result, human result) of each."""
        flag = {False: "n", True: "y"}
        columns = ["1", "delivered", policy.config, dmarc, disposition,
                   aligned[0], aligned[1], reason, comment, ip,
                   header_from or domain, envelope_from or "",
                   flag[automatic], flag[outside_junk],
                   envelope_from or "helo.example.org", spf, ""]
        for signature in dkim:
            columns += signature
        data = "\t".join(columns)
        self.db.execute(
            "INSERT INTO authres_row VALUES (?, ?, ?, ?, ?)",
            (day, domain, hashlib.sha256(data.encode()).hexdigest()[:32],
             data, n))

    def domain(self, domain, rua, n=1, **row):
        """One with a policy and a row; returns the policy."""
        policy = Policy(rua)
        self.policy(domain, policy, row.get("day", TODAY - 1))
        self.row(domain, policy, n, **row)
        return policy

    def reports(self, domain):
        """{address or "" of a mark: what is remembered}"""
        found = {}
        for dest, state in self.db.execute(
                "SELECT dest, state FROM authres_report WHERE domain = ?",
                (domain,)):
            address = dest.rpartition(" ")[0]
            found[address] = state.split("\t")
        return found

    def suppressed(self):
        return {dest: state.split("\t") for dest, state in self.db.execute(
            "SELECT dest, state FROM authres_suppress")}

    def close(self):
        self.db.close()
