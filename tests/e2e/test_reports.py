"""Aggregate reports: doveadm authres report, from a history in SQLite to a
submission server."""
import email
import email.policy
import gzip
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree as ET

import patience
import sandbox
from case import Skip, needs_authres, time_limit
from dovecot import IS_24
from report_store import Policy, Store, TODAY
from submission import Submission

SUITES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                      "..", "shared", "suites")
NAMESPACE = "{urn:ietf:params:xml:ns:dmarc-2.0}"
FROM = "Example Hosting <dmarc-reports@mx.example>"
DAY = TODAY - 1


def mail_zone(*domains, more=""):
    """Domains with a DMARC record and an MX, so that they take their own
    reports."""
    return "".join(f'{domain}. MX 10 mx.{domain}.\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=none"\n'
                   for domain in domains) + more


class Site:
    """A Dovecot with a history and a submission server."""

    def __init__(self, t):
        self.t = t
        self.store = Store(sandbox.temporary_directory("history"))
        self.submission = Submission()
        self.settings = dict(self.store.settings, authres_report_from=FROM)
        self.dovecot = t.dovecot(
            settings=self.settings,
            config=f"submission_host = 127.0.0.1:{self.submission.port}\n" +
            self.store.config)

    def zone(self, text):
        path = os.path.join(self.t.directory("zone"), "zone")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def start(self, zone, *arguments, config=None):
        return subprocess.Popen(
            ["doveadm", "-c", config or self.dovecot.config_path, "-f", "json",
             "authres", "report", "--zone", self.zone(zone), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def report(self, zone, *arguments, config=None):
        """{(domain, destination): row}"""
        process = self.start(zone, *arguments, config=config)
        out, err = process.communicate(timeout=patience.secs(50))
        assert process.returncode == 0 and err == "", (out, err)
        rows = json.loads(out) if out.strip() else []
        return {(row["domain"], row["destination"]): row for row in rows}

    def close(self):
        self.submission.close()
        self.store.close()


def site(t):
    found = t.shared("site", lambda: Site(t))
    found.t = t
    found.store.forget()
    found.submission.reset()
    return found


class Report:
    """A mail taken apart."""

    def __init__(self, mail):
        self.mail_from, self.rcpt, self.data = mail
        self.message = email.message_from_bytes(
            self.data, policy=email.policy.default)
        parts = list(self.message.iter_parts())
        assert [p.get_content_type() for p in parts] == \
            ["text/plain", "application/gzip"], parts
        self.text = parts[0].get_content()
        self.file_name = parts[1].get_filename()
        self.gzip = parts[1].get_content()
        self.xml = gzip.decompress(self.gzip)
        self.root = ET.fromstring(self.xml)

    def find(self, path, namespace=NAMESPACE):
        """Texts of elements."""
        path = "/".join(namespace + name for name in path.split("/"))
        return [e.text for e in self.root.findall(path)]


def validate(report, schema):
    path = os.path.join(SUITES, schema)
    if not os.path.exists(path):
        return
    done = subprocess.run(["xmllint", "--noout", "--schema", path, "-"],
                          input=report.xml, capture_output=True)
    assert done.returncode == 0, done.stderr


@needs_authres
def test_report_is_sent_once(t):
    s = site(t)
    policy = s.store.domain("shop.example", "mailto:a@shop.example", 41,
                            dkim=[("shop.example", "s1", "fail",
                                   "body hash did not verify")])
    s.store.row("shop.example", policy, 2, ip="2001:db8::1", spf="fail",
                disposition="quarantine")
    rows = s.report(mail_zone("shop.example"))
    row = rows["shop.example", "a@shop.example"]
    assert row["action"] == "sent" and row["messages"] == "43", row

    report = Report(s.submission.mails[0])
    identity = report.find("report_metadata/report_id")[0]
    begin = DAY * 86400
    assert report.rcpt == "a@shop.example"
    assert report.mail_from.startswith(f"dmarc-reports+{identity}."), \
        report.mail_from
    assert report.file_name == f"mx.example!shop.example!{begin}!" \
        f"{begin + 86399}!{identity}.xml.gz", report.file_name
    assert report.message["Subject"] == "Report Domain: shop.example " \
        f"Submitter: mx.example Report-ID: <{identity}>"
    assert report.message["Message-ID"].startswith(f"<{identity}.")
    assert report.message["From"] == FROM.replace("Example Hosting",
                                                  '"Example Hosting"') or \
        report.message["From"] == FROM, report.message["From"]
    assert report.message["To"] == "a@shop.example"
    assert report.message["Auto-Submitted"] == "auto-generated"
    assert report.find("report_metadata/org_name") == ["Example Hosting"]
    assert report.find("report_metadata/email") == \
        ["dmarc-reports@mx.example"]
    assert sorted(report.find("record/row/count")) == ["2", "41"]
    validate(report, "dmarc-aggregate.xsd")

    # the next run has nothing to do
    assert s.report(mail_zone("shop.example")) == {}
    assert len(s.submission.mails) == 1
    state = s.store.reports("shop.example")["a@shop.example"]
    assert state[0] == "sent" and state[2] == "1", state


@needs_authres
def test_report_form_of_rfc7489(t):
    s = site(t)
    dovecot = s.dovecot.config_for(settings=dict(
        s.settings, authres_report_form="rfc7489"))
    policy = s.store.domain(
        "old.example", "mailto:a@old.example!10m,mailto:small@old.example!200",
        disposition="pass", dmarc="pass", aligned="yy")
    s.store.row("old.example", policy, disposition="quarantine",
                reason="policy_test_mode", envelope_from=None)
    rows = s.report(mail_zone("old.example"), config=dovecot)
    assert rows["old.example", "small@old.example"]["action"] == "refused", \
        rows
    assert "200 bytes" in \
        rows["old.example", "small@old.example"]["reason"], rows
    mail, = s.submission.mails
    report = Report(mail)
    assert report.rcpt == "a@old.example"
    validate(report, "dmarc-aggregate-rfc7489.xsd")
    assert sorted(report.find("record/row/policy_evaluated/disposition", "")
                  ) == ["none", "quarantine"]


# what is done about each address, and a part of why
@needs_authres
def test_who_gets_a_report(t):
    s = site(t)
    asked = "shop.example._report._dmarc"
    zone = mail_zone("shop.example", "yes.test.example", "no.test.example",
                     more=f"{asked}.yes.test.example. TXT v=DMARC1\n"
                     f"{asked}.later.test.example. SERVFAIL\n"
                     "deaf.shop.example. MX 0 .\n")
    cases = {
        "a@shop.example": ("send", "same organization"),
        "b@yes.test.example": ("send", "takes reports about shop.example"),
        "c@no.test.example": ("refused", "has no TXT record"),
        "d@later.test.example": ("waits", "the next run asks again"),
        "e@deaf.shop.example": ("refused", "takes no mail"),
    }
    s.store.domain("shop.example", ",".join("mailto:" + a for a in cases))
    s.store.domain("odd.example", "https://odd.example/,mailto:0")
    s.store.domain("silent.example", None)

    rows = s.report(zone, "--dry-run", "--domain", "shop.example")
    for address, (action, reason) in cases.items():
        row = rows["shop.example", address]
        assert row["action"] == action and reason in row["reason"], row
    assert s.store.reports("shop.example") == {} and not s.submission.mails
    rows = s.report(zone, "--dry-run", "--domain", "silent.example")
    assert "no rua=" in rows["silent.example", "-"]["reason"], rows

    rows = s.report(zone)
    assert sorted(m[1] for m in s.submission.mails) == \
        ["a@shop.example", "b@yes.test.example"]
    assert rows["odd.example", "-"]["action"] == "ignored", rows
    # SERVFAIL, then NXDOMAIN: kept, then dropped
    zone = zone.replace("later.test.example. SERVFAIL", "x.example. TXT x")
    rows = s.report(zone)
    assert {key: row["action"] for key, row in rows.items()
            if row["action"] != "done"} == \
        {("shop.example", "d@later.test.example"): "refused"}, rows
    assert s.report(zone) == {} and len(s.submission.mails) == 2


@needs_authres
def test_error_element_and_several_policies(t):
    s = site(t)
    rua = "mailto:a@two.example,https://two.example/x"
    first, second = Policy(rua), Policy(
        rua, p="reject", defect="sp= is not none, quarantine or reject")
    for policy in first, second:
        s.store.policy("two.example", policy)
        s.store.row("two.example", policy, 3)
    s.report(mail_zone("two.example"))
    reports = [Report(m) for m in s.submission.mails]
    assert len({r.file_name for r in reports}) == 2, reports
    errors = sorted(r.find("report_metadata/error")[0] for r in reports)
    assert errors == [
        "rua=https://two.example/x: no mailto URI",
        "sp= is not none, quarantine or reject; "
        "rua=https://two.example/x: no mailto URI"], errors
    for report in reports:
        validate(report, "dmarc-aggregate.xsd")


@needs_authres
def test_no_report_without_a_cause(t):
    """Reports about reports, and for those who only send spam."""
    s = site(t)
    zone = mail_zone("loop.example", "spam.example", "both.example",
                     "nobody.example")
    s.store.domain("loop.example", "mailto:a@loop.example", automatic=True)
    s.store.domain("spam.example", "mailto:a@spam.example",
                   outside_junk=False, disposition="quarantine")
    policy = s.store.domain("both.example", "mailto:a@both.example",
                            automatic=True, outside_junk=False)
    s.store.row("both.example", policy, 5)
    # no trustworthy client: no source_ip
    s.store.domain("nobody.example", "mailto:a@nobody.example", ip="")
    rows = s.report(zone)
    reasons = {domain: row["action"] + ": " + row["reason"]
               for (domain, _), row in rows.items()}
    assert "reports, bounces or automatic" in reasons["loop.example"]
    assert "went to Junk" in reasons["spam.example"], reasons
    assert reasons["nobody.example"].startswith("suppressed"), reasons
    assert [m[1] for m in s.submission.mails] == ["a@both.example"]
    # it is known now: spam alone is a reason to tell its owner
    s.store.domain("both.example", "mailto:a@both.example", day=DAY - 1,
                   outside_junk=False)
    s.report(zone)
    assert len(s.submission.mails_to("a@both.example")) == 2


@needs_authres
@time_limit(120)
def test_mta_refuses_and_fails(t):
    s = site(t)
    zone = mail_zone("dead.example", "slow.example", "never.example")
    for domain in "dead", "slow", "never":
        s.store.domain(f"{domain}.example", f"mailto:a@{domain}.example")
    s.store.domain("below.example", "mailto:a@sub.never.example")
    s.submission.answers = {"a@dead.example": "550 5.1.1 Nobody here",
                            "a@slow.example": "451 4.2.0 Later"}
    config = s.dovecot.config_for(settings=dict(
        s.settings, authres_report_never="other.example never.example"))
    rows = s.report(zone, config=config)
    assert rows["dead.example", "a@dead.example"]["action"] == "refused", rows
    assert "7 days" in rows["dead.example", "a@dead.example"]["reason"], rows
    assert rows["slow.example", "a@slow.example"]["action"] == "waits", rows
    assert "authres_report_never" in \
        rows["never.example", "a@never.example"]["reason"], rows
    assert rows["below.example", "a@sub.never.example"]["action"] == \
        "suppressed", rows
    assert s.submission.mails == []
    assert "Nobody here" in s.store.suppressed()["a@dead.example"][3]

    # the one waits for the next run, as the same report; the other is paused
    s.submission.answers = {}
    s.store.domain("dead.example", "mailto:a@dead.example", day=DAY - 1)
    rows = s.report(zone)
    assert rows["slow.example", "a@slow.example"]["action"] == "sent", rows
    assert "paused until" in rows["dead.example", "a@dead.example"]["reason"]
    assert [m[1] for m in s.submission.mails] == ["a@slow.example"]
    assert s.store.reports("slow.example")["a@slow.example"][2] == "2"


@needs_authres
def test_days_end(t):
    """A report is tried for three days, then it is given up."""
    s = site(t)
    zone = mail_zone("old.example")
    for ago in 3, 4:
        s.store.domain("old.example", "mailto:a@old.example",
                       day=TODAY - ago)
    s.submission.answers = {"a@old.example": "451 4.2.0 Later"}
    for ago in 3, 4:
        s.report(zone, "--date", time.strftime(
            "%Y-%m-%d", time.gmtime((TODAY - ago) * 86400)))
    s.submission.answers = {}
    rows = s.report(zone)
    assert [m[1] for m in s.submission.mails] == ["a@old.example"]
    states = {day: state.split("\t") for day, state in s.store.db.execute(
        "SELECT day, state FROM authres_report WHERE dest LIKE '%@%'")}
    assert states[TODAY - 3][0] == "sent", states
    assert states[TODAY - 4][0] == "gave-up", states
    assert "Later" in states[TODAY - 4][3], states
    # both rows are of the same domain and address
    assert rows["old.example", "a@old.example"]["action"] == "sent", rows


@needs_authres
def test_daily_cap(t):
    s = site(t)
    names = [f"cap{i}.example" for i in range(4)]
    for name in names:
        s.store.domain(name, f"mailto:a@{name}")
    config = s.dovecot.config_for(settings=dict(
        s.settings, authres_report_max="3"))
    rows = s.report(mail_zone(*names), config=config)
    assert sorted(row["action"] for row in rows.values()) == \
        ["sent", "sent", "sent", "waits"], rows
    # the cap is of a day, not of a run
    s.report(mail_zone(*names), config=config)
    assert len(s.submission.mails) == 3
    s.report(mail_zone(*names))
    assert len(s.submission.mails) == 4


def kill_at(s, zone, step, n):
    """A run that is killed at the nth time of that step."""
    started, processes = threading.Event(), []

    def pid():
        started.wait()
        return processes[0].pid
    s.submission.kill = (step, n, pid)
    processes.append(s.start(zone))
    started.set()
    processes[0].communicate(timeout=patience.secs(60))
    assert processes[0].returncode == -signal.SIGKILL, (step, n)


@needs_authres
@time_limit(400)
def test_interrupted_at_any_step(t):
    """Whenever the process is killed, the next run sends what was not sent,
    and once more only what the MTA had taken without our knowing: the very same
    report."""
    s = site(t)
    zone = mail_zone("crash.example", "after.example")
    addresses = ["a@crash.example", "b@crash.example", "c@after.example"]
    for step, n in [("accepted", 1)] + [(step, 2) for step in Submission.STEPS]:
        s.store.forget()
        s.submission.reset()
        s.store.domain("crash.example",
                       "mailto:a@crash.example,mailto:b@crash.example")
        s.store.domain("after.example", "mailto:c@after.example")
        kill_at(s, zone, step, n)
        s.report(zone)
        again = [a for a in addresses if len(s.submission.mails_to(a)) != 1]
        if step not in ("accepted", "quit"):
            assert again == [], (step, n, s.submission.mails)
            continue
        # "quit" is after the reply, and perhaps before it is remembered
        assert len(again) <= 1 and (again or step == "quit"), (step, n, again)
        for address in again:
            first, second = map(Report, s.submission.mails_to(address))
            assert first.file_name == second.file_name
            assert first.gzip == second.gzip
            for field in "Message-ID", "Subject":
                assert first.message[field] == second.message[field]
    # and then there is peace
    count = len(s.submission.mails)
    assert s.report(zone) == {} and len(s.submission.mails) == count


@needs_authres
def test_refusals_of_the_command(t):
    s = site(t)
    for arguments, code, error in (
            (["--date", "2026-13-01"], 64, "Not a date"),
            (["--date", "2999-01-01"], 64, "has not ended"),
            (["--domain", "a..b"], 64, "--domain a..b"),
            (["--zone", "/nonexistent"], 65, "open() failed")):
        done = s.dovecot.doveadm("authres", "report", *arguments)
        assert done.returncode == code and error in done.stderr, done
    config = s.dovecot.config_for(settings={}, config="")
    done = s.dovecot.doveadm("authres", "report", config=config)
    assert done.returncode == 78 and "authres_history is not set" in \
        done.stderr, done
    config = s.dovecot.config_for(settings=dict(
        s.settings, authres_report_from="reports@localhost"))
    done = s.dovecot.doveadm("authres", "report", config=config)
    assert done.returncode == 78 and "authres_report_from" in done.stderr, \
        done


@needs_authres
def test_one_process_at_a_time(t):
    s = site(t)
    s.store.domain("shop.example", "mailto:a@shop.example")
    now = int(time.time())

    def lease(owner, until):
        s.store.db.execute(
            "INSERT OR REPLACE INTO authres_report VALUES "
            "(0, '-', 'lease', ?)", (f"{owner}\t1\t{until}",))
    lease("other.example", now + 300)
    process = s.start(mail_zone("shop.example"))
    out, err = process.communicate(timeout=patience.secs(50))
    assert process.returncode == 75 and \
        "process 1 of other.example is sending reports" in err, err
    assert s.submission.mails == []
    # a dry run disturbs nobody; the other host is gone
    assert s.report(mail_zone("shop.example"), "--dry-run") != {}
    lease("other.example", now - 1)
    s.report(mail_zone("shop.example"))
    assert len(s.submission.mails) == 1


@needs_authres
def test_dmarc_cat_reads_it(t):
    """A reader that owners use, if it is installed."""
    if shutil.which("dmarc-cat") is None:
        raise Skip("no dmarc-cat")
    s = site(t)
    s.store.domain("shop.example", "mailto:a@shop.example", 41)
    s.report(mail_zone("shop.example"))
    report = Report(s.submission.mails[0])
    path = os.path.join(t.directory("report"), report.file_name)
    with open(path, "wb") as f:
        f.write(report.gzip)
    done = subprocess.run(["dmarc-cat", "-N", path], capture_output=True,
                          text=True, timeout=patience.secs(30))
    assert done.returncode == 0 and done.stderr == "", done
    assert "192.0.2.7" in done.stdout and "41" in done.stdout, done.stdout


@needs_authres
@time_limit(1500)
def test_many_rows(t):
    """Streams: memory does not grow with the day. By hand with
    AUTHRES_TEST_REPORT_ROWS=1000000 over 10000 domains."""
    rows = int(os.environ.get("AUTHRES_TEST_REPORT_ROWS", 2000))
    s = site(t)
    names = [f"many{i}.example" for i in range(max(1, rows // 100))]
    config = s.dovecot.config_for(settings=dict(
        s.settings, authres_report_max="1000000"))
    s.store.db.execute("BEGIN")
    for name in names:
        policy = s.store.domain(name, f"mailto:a@{name}")
        for i in range(99):
            s.store.row(name, policy, ip=f"198.51.100.{i}", dkim=[
                (f"d{n}.{name}", f"s{i}", "pass", "") for n in range(3)])
    s.store.db.execute("COMMIT")
    begin = time.monotonic()
    process = s.start(mail_zone(*names), config=config)
    reader = threading.Thread(target=process.communicate, daemon=True)
    peak = 0
    reader.start()
    while reader.is_alive():
        try:
            with open(f"/proc/{process.pid}/status") as f:
                peak = max([peak] + [int(line.split()[1]) for line in f
                                     if line.startswith("VmHWM")])
        except (OSError, ProcessLookupError):
            pass
        reader.join(0.05)
    seconds = time.monotonic() - begin
    figures = os.environ.get("AUTHRES_TEST_REPORT_FIGURES")
    if figures:
        with open(figures, "w") as f:
            f.write(f"{rows} rows, {len(names)} domains: {seconds:.1f} s, "
                    f"{peak} KiB\n")
    assert process.returncode == 0
    assert len(s.submission.mails) == len(names)
    assert 0 < peak < 256 * 1024, peak
