"""Failure reports (RFC 9991): from LMTP to the recorder, and from there by
doveadm authres report --failure to a submission server."""
import email
import email.policy
import json
import os
import shutil
import signal
import stat
import subprocess
import threading

import history
import message
from case import needs_authres, time_limit
from dovecot import wait_for
from submission import Submission

CLIENT, STRANGER = "192.0.2.25", "203.0.113.9"
FROM = "Example Hosting <dmarc-reports@mx.example>"
KEY = message.Key("rsa")


def directory(dovecot):
    """state_dir is base_dir"""
    return os.path.join(dovecot.base_dir, "authres-failures")


class Site:
    """A Dovecot with a history, failure reports and a submission server."""

    def __init__(self, t, **settings):
        self.t = t
        self.store = history.Sqlite(t)
        self.submission = Submission()
        t.own(self.submission)
        self.settings = dict(self.store.settings, authres_report_from=FROM,
                             authres_failure_reports="100", **settings)
        self.dovecot = t.own_dovecot(
            settings=self.settings, config="submission_host = 127.0.0.1:"
            f"{self.submission.port}\n" + self.store.config)
        self.user = self.dovecot.user()
        self.directory = directory(self.dovecot)

    def domain(self, tags="ruf=mailto:f@{0}", policy="none", more=""):
        """A domain that takes mail, signs with KEY and sends from CLIENT."""
        domain = self.t.domain()
        self.t.dns.add_zone(
            f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}; '
            f'{tags.format(domain)}"\n{domain}. MX 10 mx.{domain}.\n'
            f'{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n' +
            KEY.record("s1", domain) + more.format(domain))
        return domain

    def deliver(self, data, domain, user=None):
        answer = self.dovecot.deliver(data, user or self.user,
                                      mail_from=f"bounce+bob@{domain}")
        assert answer.code == 250, answer

    def files(self):
        """Those that wait."""
        return sorted(n for n in os.listdir(self.directory)
                      if len(n) == 43)

    def wait_files(self, count):
        """The same, when the recorder has all that was told it."""
        history.flush(self.dovecot)
        return wait_for(lambda: len(self.files()) == count and
                        self.files(), f"{count} files")

    def start(self, *arguments):
        return subprocess.Popen(
            ["doveadm", "-c", self.dovecot.config_path, "-f", "json",
             "authres", "report", "--failure", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def report(self, *arguments):
        """{(domain, destination): row}"""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=50)
        assert process.returncode == 0 and err == "", (out, err)
        return {(row["domain"], row["destination"]): row
                for row in (json.loads(out) if out.strip() else [])}


def mail(domain, client=STRANGER, queue_id="4XYZ", extra=(), **options):
    return message.message(
        f'"Bob Secret" <bob.secret@{domain}>', subject="Secret subject",
        to="Anna <anna.private@mx.example>", body="Secret body\r\n", extra=[
            message.received(client, "out.example.net", id=queue_id,
                             rcpt="anna.private@mx.example"), *extra],
        **options)


def parts(sent):
    """(mail, feedback fields, header fields) of what was sent"""
    whole = email.message_from_bytes(sent[2], policy=email.policy.default)
    assert whole.get_content_type() == "multipart/report"
    assert whole.get_param("report-type") == "feedback-report"
    assert whole.defects == [], whole.defects
    text, feedback, header = whole.get_payload()
    assert [p.get_content_type() for p in (text, feedback, header)] == [
        "text/plain", "message/feedback-report", "text/rfc822-headers"]
    fields = feedback.get_payload()
    fields = fields[0] if isinstance(fields, list) else \
        email.message_from_string(fields, policy=email.policy.default)
    return whole, fields, email.message_from_string(
        header.get_payload(), policy=email.policy.default)


@needs_authres
def test_failure_is_reported_once(t):
    s = Site(t)
    domain = s.domain()
    users = [s.user, s.dovecot.user()]
    s.deliver(mail(domain, extra=["X-Secret: of bob.secret"]), domain)
    # the same message again, as some MTAs deliver to several recipients
    s.deliver(mail(domain), domain, users[1])
    [name] = s.wait_files(1)
    path = os.path.join(s.directory, name)
    with open(path) as f:
        stored = f.read()
    for secret in "secret", "Secret", "anna", "bounce", "626f622e":
        assert secret not in stored, stored
    for base, mode in (s.directory, 0o700), (path, 0o600), \
            (os.path.join(s.directory, "key"), 0o600):
        assert stat.S_IMODE(os.stat(base).st_mode) == mode, base

    rows = s.report("--dry-run")
    row = rows[domain, f"f@{domain}"]
    assert row["action"] == "send" and row["messages"] == "1", row
    assert "same organization" in row["reason"] and s.files() == [name]
    rows = s.report()
    assert rows[domain, f"f@{domain}"]["action"] == "sent", rows
    [sent] = s.submission.mails
    assert sent[1] == f"f@{domain}"
    assert sent[0].startswith(f"dmarc-reports+{name[11:]}."), sent[0]
    for secret in b"ecret", b"anna", b"bounce", b"626f622e":
        assert secret not in sent[2], sent[2]
    whole, feedback, header = parts(sent)
    assert whole["Auto-Submitted"] == "auto-generated"
    assert whole["Subject"] == f"DMARC failure report for {domain}"
    assert {n: str(v) for n, v in feedback.items() if n not in
            ("User-Agent", "Arrival-Date", "Original-Mail-From")} == {
        "Feedback-Type": "auth-failure", "Version": "1",
        "Auth-Failure": "dmarc",
        "Authentication-Results":
            f"mx.example; dmarc=fail header.from={domain}",
        "Identity-Alignment": "dkim, spf",
        "SPF-DNS": f'txt : {domain} : "v=spf1 ip4:{CLIENT} -all"',
        "Reported-Domain": domain, "Delivery-Result": "delivered",
        "Source-IP": STRANGER, "Incidents": "1",
        "Reporting-MTA": "dns; mx.example"}, feedback.items()
    assert feedback["Original-Mail-From"].endswith(f"@{domain}")
    assert header.keys() == ["Received", "Received", "From", "Date"] or \
        header.keys() == ["Received", "From", "Date"], header.items()
    assert len(header["From"].addresses[0].username) == 12, header["From"]
    assert s.files() == [] and s.report() == {}
    assert len(s.submission.mails) == 1


# tags, is it signed, by an honest client: cause and alignment, None = no report
FO = [
    ("ruf=mailto:f@{0}", False, False, ("dmarc", "dkim, spf")),
    ("ruf=mailto:f@{0}", True, False, None),
    ("fo=1; ruf=mailto:f@{0}", True, False, ("dmarc", "spf")),
    ("fo=1; ruf=mailto:f@{0}", False, True, ("dmarc", "dkim")),
    ("fo=1; ruf=mailto:f@{0}", True, True, None),
    ("fo=s; ruf=mailto:f@{0}", True, False, ("spf", "spf")),
    ("fo=d; ruf=mailto:f@{0}", "broken", True, ("bodyhash", "dkim")),
    ("fo=d; ruf=mailto:f@{0}", False, False, None),
    ("fo=1", False, False, None),
    ("fo=1; psd=y; ruf=mailto:f@{0}", False, False, None),
]


@needs_authres
def test_who_asks(t):
    """fo=, psd=, and mail that is no reason."""
    s = Site(t)
    expected = {}
    for i, (tags, signed, honest, result) in enumerate(FO):
        domain = s.domain(tags)
        data = mail(domain, CLIENT if honest else STRANGER, f"Q{i}")
        if signed:
            data = message.dkim_sign(data, domain, key=KEY)
        if signed == "broken":
            data += b"more\r\n"
        s.deliver(data, domain)
        if result:
            expected[domain] = result
    for i, field in enumerate(("Auto-Submitted: auto-replied",
                               'Content-Type: multipart/report; boundary="x"')):
        domain = s.domain()
        s.deliver(mail(domain, queue_id=f"R{i}", extra=[field]), domain)
    bounce = s.domain()
    assert s.dovecot.deliver(mail(bounce, queue_id="R9"), s.user,
                             mail_from="").code == 250
    s.wait_files(len(expected))
    s.report()
    found = {}
    for sent in s.submission.mails:
        _, feedback, _ = parts(sent)
        found[str(feedback["Reported-Domain"])] = (
            feedback["Auth-Failure"], feedback["Identity-Alignment"])
    assert found == expected, (found, expected)


@needs_authres
def test_who_gets_them(t):
    """External destinations, and what never had a report."""
    s = Site(t)
    other = s.domain("rua=mailto:a@{0}")
    dead = s.domain("rua=mailto:a@{0}")
    domain = s.domain(f"ruf=mailto:x@{other},mailto:y@{dead},https://{{0}}/")
    # rua= of the consent is not for these reports
    t.dns.add_zone(f'{domain}._report._dmarc.{other}. TXT '
                   f'"v=DMARC1; rua=mailto:no@{other}; ruf=mailto:z@{other}"\n')
    s.deliver(mail(domain, queue_id="E1"), domain)
    spam = s.domain(policy="quarantine")
    s.deliver(mail(spam, queue_id="E2"), spam)
    s.wait_files(2)
    rows = s.report()
    assert {k: r["action"] for k, r in rows.items()} == {
        (domain, f"z@{other}"): "sent", (domain, f"y@{dead}"): "refused",
        (domain, "-"): "ignored", (spam, f"f@{spam}"): "suppressed"}, rows
    assert "went to Junk" in rows[spam, f"f@{spam}"]["reason"], rows
    assert [m[1] for m in s.submission.mails] == [f"z@{other}"]


@needs_authres
@time_limit(120)
def test_limits(t):
    s = Site(t)
    domain = s.domain()
    # of one kind: one report
    for i in range(3):
        s.deliver(mail(domain, queue_id=f"L{i}"), domain)
    s.wait_files(1)
    # about one domain: ten
    for i in range(12):
        s.deliver(mail(domain, f"203.0.113.{100 + i}", f"M{i}"), domain)
    s.wait_files(10)
    # to one address: ten, of all domains
    second = s.domain(f"ruf=mailto:f@{domain}")
    t.dns.add_zone(f'{second}._report._dmarc.{domain}. TXT "v=DMARC1"\n')
    s.deliver(mail(second, queue_id="N1"), second)
    s.wait_files(11)
    # and of all: what is left waits
    config = s.dovecot.config_for(settings=dict(
        s.settings, authres_failure_reports="4"))
    done = s.dovecot.doveadm("-f", "json", "authres", "report", "--failure",
                             config=config)
    actions = [row["action"] for row in json.loads(done.stdout)]
    assert actions == ["sent"] * 4 + ["waits"] * 7, actions
    assert len(s.submission.mails) == 4
    rows = s.report()
    assert len(s.submission.mails) == 10
    assert "suppressed" in [row["action"] for row in rows.values()], rows
    assert s.files() == []
    # aggregate reports have a count of their own
    identities = {m[0] for m in s.submission.mails}
    assert len(identities) == 10, identities


def kill_at(s, step):
    started, processes = threading.Event(), []

    def pid():
        started.wait()
        return processes[0].pid
    s.submission.kill = (step, 1, pid)
    processes.append(s.start())
    started.set()
    told = processes[0].communicate(timeout=60)
    assert processes[0].returncode == -signal.SIGKILL, (step, told)


@needs_authres
@time_limit(120)
def test_interrupted_is_not_sent_twice(t):
    s = Site(t)
    domains = [s.domain() for _ in range(4)]
    later = f"f@{domains[-1]}"
    s.submission.answers = {later: "451 4.2.0 Later"}
    for i, domain in enumerate(domains):
        s.deliver(mail(domain, queue_id=f"K{i}"), domain)
    s.wait_files(4)
    kill_at(s, "body")
    kill_at(s, "accepted")
    rows = s.report()
    actions = sorted(row["action"] for row in rows.values())
    # of two nobody knows if the MTA has them: one has it
    assert set(actions) <= {"gave-up", "sent", "waits"}, rows
    assert rows[domains[-1], later]["action"] == "waits", \
        (rows, [m[1] for m in s.submission.mails])
    assert len(s.files()) == 1
    s.submission.answers = {}
    rows = s.report()
    assert {k: r["action"] for k, r in rows.items()} == {
        (domains[-1], later): "sent"}, rows
    assert s.files() == []
    recipients = [m[1] for m in s.submission.mails]
    assert len(set(recipients)) == len(recipients) == 3, recipients


@needs_authres
def test_off_by_default(t):
    s = Site(t)
    store = history.Sqlite(t)
    dovecot = t.own_dovecot(settings=store.settings, config=store.config)
    user, domain = dovecot.user(), s.domain()
    assert dovecot.deliver(mail(domain), user,
                           mail_from=f"b@{domain}").code == 250
    history.flush(dovecot)
    assert not os.path.exists(directory(dovecot))
    done = dovecot.doveadm("authres", "report", "--failure")
    assert done.returncode == 78 and "authres_failure_reports is 0" in \
        done.stderr, done.stderr


@needs_authres
def test_delivery_does_not_need_the_directory(t):
    """Nothing that goes wrong with a failure report concerns a delivery, or
    the history."""
    s = Site(t)
    domain = s.domain()
    s.deliver(mail(domain, queue_id="F1"), domain)
    s.wait_files(1)
    shutil.rmtree(s.directory)
    s.deliver(mail(domain, CLIENT, "F2"), domain)
    s.deliver(mail(domain, "203.0.113.77", "F3"), domain)
    s.dovecot.wait_log("authres_failure_reports: .*has no failure report",
                       "error")
    assert wait_for(lambda: history.flush(s.dovecot)["taken"] == "3",
                    "three messages in the history")
