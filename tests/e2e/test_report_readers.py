"""Aggregate reports as a program of domain owners reads them that keeps them
in a database."""
import ipaddress
import os
import subprocess

import history
import patience
from case import Skip, needs_authres, time_limit
from host import Host, NoPackage
from report_store import Policy
from test_reports import NAMESPACE, Report, mail_zone, site

SIGNATURE = ("shop.example", "s1", "fail", "body hash did not verify")
# (rows of the history, what the reader must have of them: address, messages,
# disposition, dkim and spf of DMARC, SPF domain)
ROWS = (
    ({"n": 41}, ("192.0.2.7", 41, "none", "fail", "fail",
                 "list.example.org")),
    ({"n": 2, "ip": "2001:db8::7", "disposition": "quarantine",
      "dkim": [SIGNATURE]},
     ("2001:db8::7", 2, "quarantine", "fail", "fail", "list.example.org")),
    ({"n": 3, "ip": "192.0.2.8", "dmarc": "pass", "disposition": "pass",
      "aligned": "yy", "envelope_from": "shop.example",
      "dkim": [("shop.example", "s1", "pass", "")]},
     ("192.0.2.8", 3, {"rfc9990": "unknown", "rfc7489": "none"}, "pass",
      "pass", "shop.example")),
    ({"n": 4, "ip": "192.0.2.9", "reason": "mailing_list",
      "comment": "list.example.org", "dkim": [SIGNATURE] * 3},
     ("192.0.2.9", 4, "none", "fail", "fail", "list.example.org")),
    ({"n": 5, "ip": "192.0.2.10", "spf": "none", "envelope_from": ""},
     ("192.0.2.10", 5, "none", "fail", "fail", "helo.example.org")),
)


class Reader:
    """dmarcts-report-parser with a PostgreSQL of its own."""

    def __init__(self, t):
        self._postgres = history.Postgres(t)
        self.directory = t.directory("reader")
        with open(os.path.join(self.directory, "dmarcts-report-parser.conf"),
                  "w", encoding="ascii") as f:
            f.write("$dbtype = 'Pg'; $dbname = 'authres';\n"
                    "$dbuser = 'dovecot'; $dbpass = '';\n"
                    f"$dbhost = '{self._postgres.socket}';\n"
                    "$dbport = 5432; $imapreadfolder = '';\n"
                    "$delete_reports = 0; $delete_failed = 0;\n"
                    "$maxsize_xml = 50000; $compress_xml = 0; 1;\n")

    def read(self, mail):
        path = os.path.join(self.directory, "mail")
        with open(path, "wb") as f:
            f.write(mail)
        done = subprocess.run(
            ["dmarcts-report-parser", "-e", path], cwd=self.directory,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=patience.secs(60))
        # the first time it makes its tables
        complaints = [line for line in done.stdout.splitlines()
                      if ": Adding missing table <" not in line]
        assert done.returncode == 0 and complaints == [], done

    def rows(self):
        """{report ID: rows as in ROWS}"""
        found = {}
        for report, ip, ip6, *row in self._postgres.query(
                "SELECT p.reportid, COALESCE(r.ip::text, ''),"
                " COALESCE(encode(r.ip6, 'hex'), ''), r.rcount, r.disposition,"
                " r.dkim_align, r.spf_align, r.spfdomain"
                " FROM report p JOIN rptrecord r USING (serial)"):
            address = ipaddress.ip_address(
                bytes.fromhex(ip6) if ip6 else int(ip))
            found.setdefault(report, []).append(
                (str(address), int(row[0]), *row[1:]))
        return {report: sorted(rows) for report, rows in found.items()}


def expected(form):
    return sorted(
        tuple(word[form] if isinstance(word, dict) else word for word in row)
        for _, row in ROWS)


@needs_authres
@time_limit(300)
def test_dmarcts_report_parser(t):
    """Both forms, without a word of complaint."""
    s = site(t)
    reports = {}
    for form in ("rfc9990", "rfc7489"):
        domain = f"{form}.example"
        policy = Policy(f"mailto:a@{domain}", p="reject", sp="none", np="none")
        s.store.policy(domain, policy)
        for row, _ in ROWS:
            s.store.row(domain, policy, **row)
        s.report(mail_zone(domain), config=s.dovecot.config_for(
            settings=dict(s.settings, authres_report_form=form)))
        reports[form] = s.submission.mails.pop()
    try:
        # its /usr has the reader from here on
        Host("dmarcts-report-parser", "libdbd-pg-perl")
    except NoPackage as e:
        raise Skip(str(e)) from e
    reader = Reader(t)
    for form, namespace in (("rfc9990", NAMESPACE), ("rfc7489", "")):
        report = Report(reports[form])
        reader.read(report.data)
        [name] = report.find("report_metadata/report_id", namespace)
        rows = reader.rows()[name]
        assert rows == expected(form), (form, rows)
