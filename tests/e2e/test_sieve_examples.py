"""The Sieve examples of doc/clients.md do what the document says."""
import os
import re

import message
from case import needs_authres

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "..", "..", "doc", "clients.md")
CLIENT, OTHER = "192.0.2.31", "203.0.113.9"


def examples():
    with open(DOCUMENT, encoding="utf-8") as f:
        return dict(re.findall(r"<!-- sieve: ([\w-]+) -->\n```\n(.*?)```",
                               f.read(), re.S))


class Example:
    """A user with one of the scripts, and a domain with a policy."""

    def __init__(self, t, name, author="a", policy="none", **userdb):
        self.domain = t.domain("example.net")
        t.dns.add_zone(f'{self.domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
                       f'_dmarc.{self.domain}. TXT "v=DMARC1; p={policy}"\n')
        self.author = f"{author}@{self.domain}"
        self.dovecot = t.dovecot(sieve=True)
        self.user = self.dovecot.user(**userdb)
        script = examples()[name].replace("mx.example.org", "mx.example")
        self.user.sieve(script.replace("@example.net", "@" + self.domain)
                        .replace("me@example.org", self.user.address))

    def deliver(self, client):
        data = message.message(self.author, to=self.user.address, extra=[
            message.received(client, "client.example")])
        assert self.dovecot.deliver(data, self.user,
                                    self.author).code == 250


@needs_authres
def test_every_example_is_tested(t):
    assert set(examples()) == {"unconfirmed", "boss", "vacation",
                               "never-junk"}, examples().keys()


@needs_authres
def test_unconfirmed(t):
    example = Example(t, "unconfirmed")
    example.deliver(CLIENT)
    example.deliver(OTHER)
    assert "$AuthPass" in example.user.only_mail().keywords
    assert "$AuthFail" in example.user.only_mail("Unconfirmed").keywords


@needs_authres
def test_boss(t):
    example = Example(t, "boss", author="boss")
    example.deliver(CLIENT)
    example.deliver(OTHER)
    flagged = {mail.keywords & {"$AuthPass", "$AuthFail"} == {"$AuthPass"}:
               "\\Flagged" in mail.flags for mail in example.user.mails()}
    assert flagged == {True: True, False: False}, flagged


@needs_authres
def test_vacation(t):
    for client, replies in ((OTHER, 0), (CLIENT, 1)):
        example = Example(t, "vacation")
        before = len(example.dovecot.sent_mails())
        example.deliver(client)
        example.user.only_mail()
        assert len(example.dovecot.sent_mails()) - before == replies, client


@needs_authres
def test_never_junk(t):
    for mode, mailbox in (("run", "INBOX"), ("skip", "Junk")):
        example = Example(t, "never-junk", author="newsletter",
                          policy="reject", authres_junk_sieve=mode)
        example.deliver(OTHER)
        example.user.only_mail(mailbox)
