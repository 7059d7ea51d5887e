"""doveadm authres list, explain, release and impact on mail that was
delivered."""
import json
import os
import re

import message
from case import needs_authres

CLIENT, STRANGER = "192.0.2.42", "203.0.113.42"
FORMATS = ("maildir:~/Maildir", "sdbox:~/sdbox")
LIST_COLUMNS = ["user", "mailbox", "uid", "date", "author_domain", "client_ip",
                "results", "policy", "reason"]


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
