"""doveadm authres list, explain, release and impact on mail that was
delivered."""
import base64
import json
import os
import pty
import re
import shutil
import subprocess
import urllib.request

import message
import patience
from case import needs_authres, time_limit
from dovecot import IS_24, free_port, wait_for

CLIENT, STRANGER = "192.0.2.42", "203.0.113.42"
FORMATS = ("maildir:~/Maildir", "sdbox:~/sdbox")
LIST_COLUMNS = ["user", "mailbox", "uid", "date", "author_domain", "client_ip",
                "results", "policy", "reason", "delivered"]


class Site:
    """A domain with a policy, and mail in its name."""

    def __init__(self, t, policy="quarantine", more=""):
        self.domain = t.domain()
        self.address = f"a@{self.domain}"
        t.dns.add_zone(
            message.RSA.record("s1", self.domain) +
            f'{self.domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
            f'_dmarc.{self.domain}. TXT "v=DMARC1; p={policy}{more}"\n')

    def mail(self, client, signed=False, **options):
        data = message.message(self.address, **options)
        if signed:
            data = message.dkim_sign(data, self.domain)
        return message.received(client, "out.example").encode() + \
            b"\r\n" + data

    def spoof(self, **options):
        return self.mail(STRANGER, **options)

    def genuine(self, **options):
        return self.mail(CLIENT, signed=True, **options)


def deliver(site, data, *users):
    for user in users:
        reply = user.dovecot.deliver(data, user, site.address)
        assert reply.code == 250, reply


def authres(dovecot, command, *arguments, code=0, form="json"):
    """The rows; code: the exit code expected."""
    done = dovecot.doveadm("-f", form, "authres", command, *arguments)
    assert done.returncode == code, (done.returncode, done.stderr)
    if form != "json":
        return done.stdout
    return json.loads(done.stdout or "[]")


def append(user, data, mailbox="INBOX", flags=""):
    client = user.imap()
    client.create(mailbox)
    assert client.append(mailbox, flags, None, data)[0] == "OK"
    client.logout()


@needs_authres
def test_list_shows_what_delivery_stored(t):
    dovecot = t.dovecot()
    for location in FORMATS:
        site, strict = Site(t), Site(t, "reject")
        user = dovecot.user(mail=location)
        for data in (site.spoof(), site.genuine(), strict.spoof()):
            deliver(site, data, user)
        rows = authres(dovecot, "list", "-u", user.name)
        assert [list(row) for row in rows] == [LIST_COLUMNS] * 2, rows
        for row, where, policy, uid in ((rows[0], site, "quarantine", 1),
                                        (rows[1], strict, "reject", 2)):
            assert row["user"] == user.name and row["mailbox"] == "Junk"
            assert int(row["uid"]) == uid
            assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", row["date"])
            assert row["author_domain"] == where.domain
            assert row["client_ip"] == STRANGER
            assert row["results"].startswith("dmarc=fail spf="), row
            assert row["policy"] == policy
            assert where.domain + " asks receivers" in row["reason"]
            assert row["delivered"] == "yes"


@needs_authres
def test_explain_tells_the_story(t):
    dovecot = t.dovecot()
    for location in FORMATS:
        site = Site(t)
        user = dovecot.user(mail=location)
        deliver(site, site.spoof(), user)
        deliver(site, site.genuine(), user)
        row, = authres(dovecot, "explain", "-u", user.name, "Junk", "1")
        assert list(row) == ["user", "mailbox", "uid", "date",
                             "author_domain", "explanation"], row
        assert (row["user"], row["mailbox"], int(row["uid"])) == \
            (user.name, "Junk", 1)
        story = row["explanation"].split("\n")
        assert len(story) == 6, story
        for line, facts in zip(story, (
                (site.domain, STRANGER, "out.example", "Received field "),
                ("SPF:", site.domain, "does not allow"),
                ("DMARC:", site.domain, "none of this proves",
                 "quarantine"),
                ("mailbox Junk", "because of the policy"),
                (site.domain, "SPF record"),
                ("Authentication-Results", "mx.example", "confirms"))):
            for fact in facts:
                assert fact in line, (line, fact)
        row, = authres(dovecot, "explain", "-u", user.name, "INBOX", "1")
        assert f"DMARC: this proves that {site.domain} sent" in \
            row["explanation"]


@needs_authres
def test_explain_names_domainkeys(t):
    """RFC 4870: one sentence; no question, no entry, no influence."""
    dovecot, site = t.dovecot(), Site(t)
    old = t.domain()
    signature = ("DomainKey-Signature: a=rsa-sha1; q=dns; c=nofws;\r\n"
                 f"\ts=s1; d={old}; b=AAAA")
    for location in FORMATS:
        user, mark = dovecot.user(mail=location), t.dns.mark()
        deliver(site, site.genuine(extra=[signature]), user)
        deliver(site, site.genuine(), user)
        assert not [q for q in t.dns.questions(mark) if old in q.name]
        mail, without = user.mails()
        assert old not in mail.authres, mail.authres
        assert mail.authres == without.authres
        stories = [row["explanation"].split("\n") for row in authres(
            dovecot, "explain", "-u", user.name, "INBOX", "1:2")]
        assert stories[0][-1] == (
            f"The message has an obsolete DomainKeys signature of {old}, "
            "which was not checked."), stories
        assert stories[0][:-1] == stories[1], stories
        # a message that never was delivered
        append(user, signature.encode() + b"\r\n" +
               message.message("a@b.example"), "Other")
        row, = authres(dovecot, "explain", "-u", user.name, "Other", "1")
        assert row["explanation"].endswith(
            f"signature of {old}, which was not checked."), row


@needs_authres
def test_which_received_line_was_believed(t):
    """The number is that of the message as it is stored."""
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    deliver(site, site.spoof(extra=[message.received(CLIENT, "lie.example")]),
            user)
    row, = authres(dovecot, "explain", "-u", user.name, "Junk", "1")
    number = int(re.search(r"Received field (\d+), written by mx\.example",
                           row["explanation"]).group(1))
    field = user.only_mail("Junk").fields("Received")[number - 1]
    assert STRANGER in field and "out.example" in field, field


@needs_authres
def test_explain_where_it_stayed(t):
    """What delivery stored, and where settings of today are asked."""
    dovecot, site = t.dovecot(), Site(t)
    for settings, text in (
            (dict(authres_mode="tag"), "because authres_mode is tag"),
            (dict(authres_quarantine_action="keep"),
             "because authres_quarantine_action is keep")):
        user = dovecot.user(**settings)
        deliver(site, site.spoof(), user)
        row, = authres(dovecot, "explain", "-u", user.name, "INBOX", "1")
        assert text in row["explanation"], row
        assert "today's settings" in row["explanation"]


@needs_authres
def test_a_field_that_is_not_ours_is_not_believed(t):
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    ours = (f"Authentication-Results: mx.example; dmarc=fail "
            f"header.from={site.domain} policy.dmarc=reject\r\n").encode()
    foreign = ours.replace(b"mx.example", b"mx.example.net")
    elsewhere = b"Return-Path: <a@b>\r\nReceived: from x by y\r\n" + ours
    plain = message.message(site.address)
    for head in (b"", foreign, elsewhere):
        append(user, head + plain, "Junk")
    for row in authres(dovecot, "explain", "-u", user.name, "Junk", "1:3"):
        assert row["explanation"].startswith(
            "Nothing is known about this message: it has no "), row
        assert row["author_domain"] == ""
    done = dovecot.doveadm("-f", "json", "authres", "list", "-u", user.name)
    assert json.loads(done.stdout or "[]") == []
    assert "3 more messages are not there for failing" in done.stderr
    rows = authres(dovecot, "list", "-u", user.name, "--all")
    assert len(rows) == 3
    for row in rows:
        assert row["reason"].startswith("Nothing is known"), row
        assert not (row["results"] or row["policy"] or row["author_domain"])
    # what a stranger sent with such a field has ours above it
    deliver(site, ours + site.genuine(), user)
    row, = authres(dovecot, "explain", "-u", user.name, "INBOX", "1")
    assert "DMARC: this proves that" in row["explanation"]


@needs_authres
def test_list_options(t):
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    for _ in range(2):
        deliver(site, site.spoof(), user)
    client = user.imap()
    client.create("Work")
    client.select("Junk")
    client.uid("MOVE", "1", "Work")
    client.logout()
    assert [int(r["uid"]) for r in
            authres(dovecot, "list", "-u", user.name)] == [2]
    row, = authres(dovecot, "list", "-u", user.name, "--mailbox", "Work")
    assert row["mailbox"] == "Work" and row["policy"] == "quarantine"
    row, = authres(dovecot, "list", "-u", user.name, "-m", "Work")
    for since, count in (("1d", 1), ("2000-01-01", 1), ("2100-01-01", 0)):
        assert len(authres(dovecot, "list", "-u", user.name,
                           "--since", since)) == count, since


@needs_authres
def test_formats_and_users(t):
    dovecot = t.own_dovecot(one_file=True)
    site = Site(t)
    users = [dovecot.user(name) for name in ("anna", "bert", "carl")]
    deliver(site, site.spoof(), *users[:2])
    for which in (("-A",), ("-u", "*")):
        rows = authres(dovecot, "list", *which)
        assert {r["user"] for r in rows} == {"anna", "bert"}, rows
    rows = authres(dovecot, "list", "-u", "a*")
    assert [r["user"] for r in rows] == ["anna"]
    for form in ("tab", "table", "flow", "pager"):
        for command in (("list",), ("explain", "Junk", "1")):
            text = authres(dovecot, command[0], "-u", "anna", *command[1:],
                           form=form)
            assert site.domain in text and "anna" in text, (form, text)
    tab = authres(dovecot, "list", "-u", "anna", form="tab").splitlines()
    assert tab[0].split("\t") == LIST_COLUMNS
    assert len(tab) == 2 and len(tab[1].split("\t")) == len(LIST_COLUMNS)


@needs_authres
def test_exit_codes(t):
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    deliver(site, site.spoof(), user)
    name = ("-u", user.name)
    for arguments, code, text in (
            (("list", "-u", "nobody-here"), 67, "User doesn't exist"),
            (("list", *name, "--mailbox", "None"), 68, "doesn't exist"),
            (("list", *name, "--since", "someday"), 64, "someday"),
            (("list", *name, "extra"), 64, ""),
            (("list", *name, "--nonsense"), 64, ""),
            (("explain", *name), 64, ""),
            (("explain", *name, "Junk"), 64, ""),
            (("explain", *name, "Junk", "x"), 64, "x: Not a UID"),
            (("explain", *name, "Junk", "0"), 64, "0: Not a UID"),
            (("explain", *name, "Junk", "1", "7"), 68,
             "No message with UID 7"),
            (("explain", *name, "None", "1"), 68, "doesn't exist")):
        done = dovecot.doveadm("-f", "tab", "authres", *arguments)
        assert done.returncode == code, (arguments, done.returncode,
                                         done.stderr)
        assert text in done.stderr, (arguments, done.stderr)
    # a user without any Junk has an empty list
    assert authres(dovecot, "list", "-u", dovecot.user().name) == []


@needs_authres
def test_release_moves_to_inbox(t):
    dovecot, site = t.dovecot(), Site(t)
    for location in FORMATS + ("mdbox:~/mdbox",):
        user = dovecot.user(mail=location)
        for subject in "ab":
            deliver(site, site.spoof(subject=subject), user)
        client = user.imap()
        client.select("Junk")
        client.uid("STORE", "1", "+FLAGS", r"(\Seen \Deleted mine $Phishing)")
        client.logout()
        before = user.mails("Junk")
        row, = authres(dovecot, "release", "-u", user.name, "Junk", "1")
        assert list(row) == ["user", "mailbox", "uid", "inbox_uid", "result",
                             "author_domain", "allowed"], row
        assert row["result"] == "released" and row["allowed"] == "", row
        assert row["author_domain"] == site.domain
        mail = user.only_mail()
        assert mail.uid == int(row["inbox_uid"])
        assert mail.data == before[0].data
        assert mail.flags == {r"\Seen", "mine", "$AuthFail", "$NotJunk",
                              "NonJunk"}, mail.flags
        left = user.only_mail("Junk")
        assert (left.uid, left.data) == (before[1].uid, before[1].data)
        # once more: nothing is there, nothing happens
        assert authres(dovecot, "release", "-u", user.name, "Junk", "1",
                       code=68) == []
        row, = authres(dovecot, "release", "-u", user.name, "INBOX", mail.uid)
        assert row["result"] == "unchanged"
        assert int(row["inbox_uid"]) == mail.uid
        assert user.only_mail().flags == mail.flags
        # the story knows
        row, = authres(dovecot, "explain", "-u", user.name, "INBOX", mail.uid)
        assert "marked as not junk" in row["explanation"]
        # what is there is released, what is not is an error
        row, = authres(dovecot, "release", "-u", user.name, "Junk", "2", "99",
                       code=68)
        assert int(row["uid"]) == 2
        assert len(user.mails()) == 2 and user.mails("Junk") == []


@needs_authres
def test_release_in_place(t):
    """Somebody moved it to INBOX without a word about its keywords."""
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    deliver(site, site.spoof(), user)
    client = user.imap()
    client.select("Junk")
    client.uid("MOVE", "1", "INBOX")
    client.select("INBOX")
    client.uid("STORE", "1", "FLAGS", r"($Junk Junk $AuthFail \Flagged)")
    client.logout()
    row, = authres(dovecot, "release", "-u", user.name, "inbox", "1")
    assert row["result"] == "released", row
    assert user.only_mail().flags == {r"\Flagged", "$AuthFail", "$NotJunk",
                                      "NonJunk"}


@needs_authres
def test_release_of_what_a_site_calls_junk(t):
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user(authres_keyword_junk="Spam",
                        authres_junk_mailbox="Quarantine")
    deliver(site, site.spoof(), user)
    assert "Spam" in user.only_mail("Quarantine").keywords
    row, = authres(dovecot, "list", "-u", user.name)
    assert row["mailbox"] == "Quarantine"
    authres(dovecot, "release", "-u", user.name, "Quarantine", "1")
    assert user.only_mail().keywords == {"$AuthFail", "$NotJunk", "NonJunk"}


@needs_authres
def test_release_loses_nothing_when_it_cannot(t):
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    # INBOX has its directories
    deliver(site, site.genuine(), user)
    for subject in "ab":
        deliver(site, site.spoof(subject=subject), user)
    inbox = os.path.join(user.home, "Maildir")
    junk = os.path.join(inbox, ".Junk")
    before = [m.data for m in user.mails("Junk")]
    for directories, text in (
            ([os.path.join(inbox, n) for n in ("tmp", "new", "cur")],
             "UID 1: Can't copy to INBOX"),
            ([os.path.join(junk, "cur")], "UID 1: Can't remove it")):
        for directory in directories:
            os.chmod(directory, 0o500)
        done = dovecot.doveadm("-f", "json", "authres", "release", "-u",
                               user.name, "Junk", "1:2")
        for directory in directories:
            os.chmod(directory, 0o700)
        assert done.returncode in (75, 77), (done.returncode, done.stderr)
        assert text in done.stderr, done.stderr
        assert json.loads(done.stdout or "[]") == []
        assert [m.data for m in user.mails("Junk")] == before
        assert len(user.mails()) == 1


@needs_authres
def test_release_over_quota(t):
    dovecot, site = t.dovecot(plugins="quota", settings={
        "quota": "count:User quota", "quota_vsizes": "yes",
        "quota_rule": "*:storage=1M"}), Site(t)
    user = dovecot.user()
    body = "x" * 70 + "\r\n"
    deliver(site, site.spoof(body=body * 8000), user)
    deliver(site, site.genuine(body=body * 5000), user)
    done = dovecot.doveadm("-f", "json", "authres", "release", "-u", user.name,
                           "Junk", "1")
    assert done.returncode == 73, (done.returncode, done.stderr)
    assert "uota" in done.stderr, done.stderr
    assert json.loads(done.stdout or "[]") == []
    mail = user.only_mail("Junk")
    assert mail.keywords >= {"$Junk", "Junk"} and len(user.mails()) == 1


IMPACT_COLUMNS = ["author_domain", "reason", "disposition", "messages",
                  "users", "in_junk", "read", "flagged", "answered"]


def store(user, mailbox, uid, flags):
    client = user.imap()
    client.select(mailbox)
    assert client.uid("STORE", uid, "+FLAGS", flags)[0] == "OK"
    client.logout()


def counts(row):
    return [int(row[name]) for name in IMPACT_COLUMNS[3:]]


@needs_authres
def test_impact_of_enforcing(t):
    dovecot = t.own_dovecot(one_file=True, settings={"authres_mode": "tag"})
    site, strict, watching = Site(t), Site(t, "reject"), Site(t, "none")
    anna, bert = (dovecot.user(name, mail=location) for name, location in
                  (("anna", FORMATS[0]), ("bert", FORMATS[1])))
    keep = dovecot.user("keep", authres_quarantine_action="keep",
                        authres_reject_action="keep")
    enforced = dovecot.user("enforced", authres_mode="enforce")
    deliver(site, site.spoof(), anna, anna, anna, bert, keep)
    deliver(strict, strict.spoof(), bert, keep)
    deliver(site, site.genuine(), anna)
    deliver(watching, watching.spoof(), anna)
    store(anna, "INBOX", "1", r"(\Seen \Answered)")
    store(anna, "INBOX", "2", r"(\Flagged)")
    store(bert, "INBOX", "1", r"(\Seen)")
    client = anna.imap()
    client.create("Junk")
    client.create("Archive")
    client.select("INBOX")
    client.uid("MOVE", "3", "Junk")
    client.uid("MOVE", "1", "Archive")
    client.logout()

    rows = authres(dovecot, "impact", "-A")
    for row in rows:
        row.pop("username")
        assert list(row) == IMPACT_COLUMNS, row
    assert [(r["author_domain"], r["reason"], r["disposition"])
            for r in rows] == [
        (site.domain, "p=quarantine spf=fail dkim=none", "junk"),
        (strict.domain, "p=reject spf=fail dkim=none", "junk"),
        ("", "total", "")], rows
    assert [counts(r) for r in rows] == [
        [4, 2, 1, 2, 1, 1], [1, 1, 0, 0, 0, 0], [5, 2, 1, 2, 1, 1]], rows

    rows = authres(dovecot, "impact", "-u", "anna")
    assert [counts(r) for r in rows] == [[3, 1, 1, 1, 1, 1]] * 2, rows
    rows = authres(dovecot, "impact", "-u", "anna", "--mailbox", "Archive")
    assert [counts(r) for r in rows] == [[1, 1, 0, 1, 0, 1]] * 2, rows
    rows = authres(dovecot, "impact", "-u", "anna", "--since", "2100-01-01")
    assert [counts(r) for r in rows] == [[0] * 6], rows
    rows = authres(dovecot, "impact", "-u", "*", "--messages")
    assert sorted((r["user"], r["mailbox"], int(r["uid"]), r["read"],
                   r["flagged"], r["answered"]) for r in rows) == [
        ("anna", "Archive", 1, "yes", "no", "yes"),
        ("anna", "INBOX", 2, "no", "yes", "no"),
        ("anna", "Junk", 1, "no", "no", "no"),
        ("bert", "INBOX", 1, "yes", "no", "no"),
        ("bert", "INBOX", 2, "no", "no", "no")], rows
    assert {r["disposition"] for r in rows} == {"junk"}
    authres(dovecot, "impact", "-u", "anna", "--mailbox", "None", code=68)
    # and then it does what impact said
    deliver(site, site.spoof(), enforced)
    deliver(watching, watching.spoof(), enforced)
    assert len(enforced.mails("Junk")) == len(enforced.mails()) == 1


def opened_messages(dovecot, *command):
    """UIDs of messages a command had to open, and its rows."""
    done = dovecot.doveadm("-D", "-f", "json", "authres", *command)
    assert done.returncode == 0, done.stderr
    return re.findall(r"UID (\d+): Opened mail because", done.stderr), \
        json.loads(done.stdout or "[]")


@needs_authres
def test_list_reads_what_delivery_cached(t):
    """No message is opened, not even by the first run."""
    dovecot, site = t.dovecot(), Site(t)
    for location in FORMATS + ("mdbox:~/mdbox",):
        user = dovecot.user(mail=location)
        for _ in range(3):
            deliver(site, site.spoof(), user)
        for _ in range(2):
            opened, rows = opened_messages(dovecot, "list", "-u", user.name)
            assert (opened, len(rows)) == ([], 3), (location, opened, rows)


@needs_authres
def test_a_cold_run_reads_no_body(t):
    """Without a cache each message is opened, and read as far as its header
    goes; the next run opens none."""
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    body = "x" * 70 + "\r\n"
    for _ in range(3):
        deliver(site, site.spoof(body=body * 20000), user)
    junk = os.path.join(user.home, "Maildir", ".Junk")
    for name in os.listdir(junk):
        if name.startswith("dovecot.index"):
            os.unlink(os.path.join(junk, name))
    if shutil.which("strace") is None:
        t.skip("no strace")
    trace = os.path.join(t.directory("trace"), "reads")
    done = subprocess.run(
        ["strace", "-f", "-y", "-e", "trace=read,pread64", "-o", trace,
         "doveadm", "-c", dovecot.config_path, "-f", "json", "authres",
         "list", "-u", user.name], capture_output=True, timeout=patience.secs(50))
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 3
    with open(trace, encoding="utf-8", errors="replace") as f:
        reads = [int(n) for n in re.findall(
            r"/Junk[^>]*/cur/.*= (\d+)$|/\.Junk/cur/[^>]*>.*= (\d+)$",
            f.read(), re.M) for n in n if n]
    assert len(reads) >= 3, reads
    assert sum(reads) <= 3 * 2 * 8192, reads
    opened, rows = opened_messages(dovecot, "list", "-u", user.name)
    assert (opened, len(rows)) == ([], 3), (opened, rows)


class List(Site):
    """A mailing list with its own signature, and a sender's mail through it."""

    def post(self, author_site, **options):
        data = message.message(author_site.address, extra=[
            f"List-Id: <talk.{self.domain}>"], **options)
        data = message.dkim_sign(data, self.domain, headers=(
            "From", "To", "Subject", "Date", "Message-ID", "List-Id"))
        return message.received(CLIENT, "lists.example").encode() + \
            b"\r\n" + data


@needs_authres
def test_release_with_allow(t):
    dovecot, site, talk = t.dovecot(), Site(t), List(t)
    user = dovecot.user()

    def post():
        reply = dovecot.deliver(talk.post(site), user, talk.address)
        assert reply.code == 250, reply

    post()
    deliver(site, site.spoof(), user)
    assert len(user.mails("Junk")) == 2
    # nothing is learned without --allow, nor from a bare sender
    row, = authres(dovecot, "release", "-u", user.name, "--allow", "Junk", "2")
    assert row["result"] == "released"
    assert row["allowed"].startswith("no: it came through no mailing list")
    row, = authres(dovecot, "release", "-u", user.name, "Junk", "1")
    assert (row["result"], row["allowed"]) == ("released", "")
    post()
    assert len(user.mails("Junk")) == 1
    row, = authres(dovecot, "release", "-u", user.name, "--allow", "Junk", "3")
    assert row["result"] == "released", row
    assert row["allowed"] == f"list:talk.{talk.domain}", row
    post()
    deliver(site, site.spoof(), user)
    # that of the list stays in INBOX, that of a stranger does not
    assert len(user.mails("Junk")) == 1
    mail = user.mails()[-1]
    assert "$AuthOverride" in mail.keywords, mail.flags
    row, = authres(dovecot, "explain", "-u", user.name, "INBOX", mail.uid)
    assert "its recipient allowed mail of this kind" in row["explanation"]
    total = authres(dovecot, "impact", "-u", user.name)[-1]
    assert int(total["messages"]) == 4, total


@needs_authres
def test_what_a_client_made_is_no_evidence(t):
    """A copy of a delivered message that came by APPEND looks the same, but
    has no record of its delivery."""
    dovecot, site, talk = t.dovecot(), Site(t), List(t)
    user, other = dovecot.user(), dovecot.user()
    dovecot.deliver(talk.post(site), other, talk.address)
    append(user, other.only_mail("Junk").data, "Junk")
    row, = authres(dovecot, "list", "-u", user.name)
    assert row["delivered"] == "unknown", row
    row, = authres(dovecot, "explain", "-u", user.name, "Junk", "1")
    assert "The index of the mailbox has no record of that delivery" in \
        row["explanation"]
    row, = authres(dovecot, "release", "-u", user.name, "-a", "Junk", "1")
    assert row["result"] == "released"
    assert row["allowed"].startswith("no: the index of the mailbox has no ")
    row, = authres(dovecot, "explain", "-u", other.name, "Junk", "1")
    assert "The index of the mailbox confirms that delivery." in \
        row["explanation"]


@needs_authres
def test_released_event(t):
    dovecot, site = t.dovecot(config="""
metric authres_released_test {
  filter = event=authres_released
  group_by = by kind allowed author_domain mailbox user
}
"""), Site(t)
    user = dovecot.user()
    deliver(site, site.spoof(), user)
    authres(dovecot, "release", "-u", user.name, "Junk", "1")
    authres(dovecot, "release", "-u", user.name, "INBOX", "1")

    def counted():
        dump = dovecot.doveadm("-f", "tab", "stats", "dump").stdout
        return re.findall(r"(?m)^authres_released_test_doveadm_none_no_"
                          rf"doveadm-review\S*_INBOX_{user.name}\t"
                          r"duration\t(\d+)\t", dump)
    assert wait_for(counted, "event authres_released") == ["1"]


@needs_authres
def test_over_http(t):
    """doveadm's HTTP API has the commands as well."""
    port = free_port()
    dovecot = t.own_dovecot(config="""
doveadm_password = secret
service doveadm {
  inet_listener http {
    address = 127.0.0.1
    port = %d
    ssl = no
  }
}
""" % port)
    site = Site(t)
    user = dovecot.user()
    deliver(site, site.spoof(), user)

    def call(command, **parameters):
        body = json.dumps([[command, dict(user=user.name, **parameters), "x"]])
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/doveadm/v1", body.encode(),
            {"Content-Type": "application/json", "Authorization": "Basic " +
             base64.b64encode(b"doveadm:secret").decode()})
        with urllib.request.urlopen(request, timeout=patience.secs(20)) as reply:
            (kind, answer, tag), = json.load(reply)
        assert tag == "x"
        return kind, answer

    kind, rows = call("authresList")
    assert kind == "doveadmResponse" and len(rows) == 1, rows
    assert rows[0]["author_domain"] == site.domain
    kind, rows = call("authresExplain", mailbox="Junk", uid=["1"])
    assert "because of the policy" in rows[0]["explanation"], rows
    kind, rows = call("authresImpact")
    assert [int(row["messages"]) for row in rows] == [1, 1], rows
    kind, answer = call("authresRelease", mailbox="Junk", uid=["9"])
    assert (kind, answer) == ("error", {"type": "exitCode", "exitCode": 68}), \
        (kind, answer)
    kind, rows = call("authresRelease", mailbox="Junk", uid=["1"])
    assert rows[0]["result"] == "released", rows
    assert user.mails("Junk") == [] and len(user.mails()) == 1


@needs_authres
@time_limit(120)
def test_under_valgrind(t):
    if shutil.which("valgrind") is None:
        t.skip("no valgrind")
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user()
    for _ in range(2):
        deliver(site, site.spoof(), user)
    deliver(site, site.genuine(), user)
    append(user, message.message(), "Junk")
    log = os.path.join(t.directory("valgrind"), "log")
    for arguments in (("explain", "Junk", "1:3"), ("impact",),
                      ("release", "--allow", "Junk", "1:2", "77")):
        subprocess.run(
            ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
             "--errors-for-leak-kinds=definite", f"--log-file={log}",
             "doveadm", "-c", dovecot.config_path, "-f", "json", "authres",
             arguments[0], "-u", user.name, *arguments[1:]],
            capture_output=True, timeout=patience.secs(100))
        with open(log, encoding="utf-8", errors="replace") as f:
            text = f.read()
        assert "authres" not in text and "Invalid" not in text and \
            "uninitialised" not in text, (arguments, text)
    assert len(user.mails()) == 3


@needs_authres
def test_impact_names_pop3_users(t):
    if IS_24:
        t.skip("last_login's key cannot be read there")
    directory = t.directory("logins")
    path = os.path.join(directory, "dict")
    dovecot = t.own_dovecot(settings={
        "last_login_dict": "file:" + path,
        "last_login_key": "last-login/%s/%u"})
    times = {"a": (("imap", 5), ("pop3", 10)), "b": (("pop3", 10),),
             "c": (("imap", 11), ("pop3", 10)), "d": (("imap", 9),), "e": ()}
    users = {name: dovecot.user() for name in times}
    with open(path, "w", encoding="utf-8") as f:
        for name, logins in times.items():
            for service, when in logins:
                f.write(f"shared/last-login/{service}/{users[name].name}\n"
                        f"{when}\n")
    os.chmod(path, 0o644)
    os.chmod(directory, 0o777)
    for name, user in users.items():
        done = dovecot.doveadm("-f", "json", "authres", "impact", "-u",
                               user.name)
        assert done.returncode == 0, done.stderr
        assert (f"{user.name} logged in last by POP3" in done.stderr) == \
            (name in "ab"), (name, done.stderr)


@needs_authres
def test_progress_is_for_terminals(t):
    """Slowed down, so that there is something to see."""
    if shutil.which("valgrind") is None:
        t.skip("no valgrind")
    dovecot, site = t.dovecot(), Site(t)
    user = dovecot.user(mail="mdbox:~/mdbox")
    deliver(site, site.spoof(), user)
    for count in range(14):
        dovecot.doveadm("copy", "-u", user.name, "Junk", "mailbox", "Junk",
                        f"1:{2 ** count}", check=True)
    for option, shown in (("--all", True), ("--no-progress", False)):
        terminal, theirs = pty.openpty()
        done = subprocess.run(
            ["valgrind", "-q", "--tool=none", "--trace-children=yes",
             "--vgdb=no", "doveadm", "-c", dovecot.config_path, "-f", "json",
             "authres", "list", "-u", user.name, option], stdout=subprocess.PIPE, stderr=theirs,
            stdin=subprocess.DEVNULL, timeout=patience.secs(50))
        os.close(theirs)
        os.set_blocking(terminal, False)
        try:
            text = os.read(terminal, 65536)
        except OSError:
            text = b""
        os.close(terminal)
        assert len(json.loads(done.stdout)) == 16384
        assert (re.search(rb"\r\x1b\[KJunk: \d+/16384", text) is not None) == \
            shown, (option, text)
        assert not shown or text.endswith(b"\r\x1b[K"), text
