"""Who profits from what a user allowed: with real checks, on real signatures
and DNS."""
import message
from case import needs_authres

STRANGER, LIST_HOST = "203.0.113.66", "192.0.2.25"


class World:
    """An author whose domain asks for quarantine, her mailing list, and a
    service that signs for all its customers."""

    def __init__(self, t):
        self.user = t.dovecot().user()
        self.author, self.lists, self.service = (t.domain() for _ in range(3))
        self.other = t.domain()
        t.dns.add_zone(
            f'{self.author}. TXT "v=spf1 -all"\n'
            f'_dmarc.{self.author}. TXT "v=DMARC1; p=quarantine"\n' +
            "".join(message.RSA.record("s1", domain) for domain in
                    (self.lists, self.service, self.other)))
        self.number = 0

    def mail(self, list_id=None, signed_by=None, mail_from="x@nowhere.example",
             ip=STRANGER, broken=False, extra=(), author=None):
        """Deliver it; returns the mailbox it went to."""
        self.number += 1
        data = message.message(
            f"Alice <{author or 'alice@' + self.author}>",
            subject=f"mail {self.number}",
            extra=[f"List-Id: <{list_id}>"] * (list_id is not None))
        if signed_by:
            data = message.dkim_sign(data, signed_by, headers=(
                "From", "To", "Subject", "List-Id"))
        if broken:
            data = data.replace(b"Hello.", b"Hello!")
        head = list(extra) + [message.received(ip, "out.example")]
        data = "".join(f + "\r\n" for f in head).encode() + data
        assert self.user.dovecot.deliver(data, self.user,
                                         mail_from).code == 250
        subject = f"mail {self.number}\r\n".encode()
        found = [name for name in ("INBOX", "Junk")
                 for m in self.user.mails(name) if subject in m.data]
        assert len(found) == 1, found
        return found[0]

    def from_list(self):
        return self.mail(f"dev.{self.lists}", self.lists,
                         f"bounces@{self.lists}", LIST_HOST)

    def release_all(self):
        client = self.user.imap()
        client.select("Junk")
        assert client.uid("MOVE", "1:*", "INBOX")[0] == "OK"
        client.logout()

    def allowed(self):
        return self.user.dovecot.doveadm(
            "-f", "tab", "authres", "allow", "list", "-u", self.user.name,
            check=True).stdout.splitlines()[1:]


@needs_authres
def test_after_a_list_was_allowed(t):
    w = World(t)
    assert w.from_list() == "Junk"
    w.release_all()
    assert len(w.allowed()) == 1, w.allowed()
    assert w.from_list() == "INBOX"
    assert "$AuthOverride" in w.user.mails()[-1].keywords
    list_id = f"dev.{w.lists}"
    forged = (f"Authentication-Results: mx.example; dmarc=fail\r\n"
              f"\theader.from={w.author} policy.dmarc=quarantine;\r\n"
              f"\tdkim=pass header.d={w.lists}\r\n"
              f"\t(authres: list={w.lists})")
    for what, options in (
            ("the author alone", {}),
            ("another signer", dict(signed_by=w.service)),
            ("List-Id without a signature", dict(list_id=list_id)),
            ("List-Id with a broken signature",
             dict(list_id=list_id, signed_by=w.lists, broken=True)),
            ("List-Id signed by another", dict(list_id=list_id,
                                               signed_by=w.other)),
            ("another list's own signature",
             dict(list_id=f"dev.{w.other}", signed_by=w.other)),
            ("a field that says so", dict(extra=[forged])),
            ("a reverse-path of the list", dict(
                list_id=list_id, mail_from=f"bounces@{w.lists}")),
            ("another author of that list", dict(
                list_id=list_id, signed_by=w.lists, ip=LIST_HOST,
                author=f"mallory@{w.author}"))):
        assert w.mail(**options) == "Junk", what
    assert w.from_list() == "INBOX"


@needs_authres
def test_a_shared_service_is_never_learned(t):
    w = World(t)
    one = dict(signed_by=w.service, mail_from=f"c1@{w.service}", ip=LIST_HOST)
    assert w.mail(**one) == "Junk"
    w.release_all()
    assert w.allowed() == []
    # neither the same customer, nor another one
    assert w.mail(**one) == "Junk"
    assert w.mail(**dict(one, mail_from=f"c2@{w.service}")) == "Junk"


@needs_authres
def test_phishing_is_never_learned(t):
    # SPF says of the author's own domain that this is not from there
    w = World(t)
    spoof = dict(list_id=f"dev.{w.other}", signed_by=w.other,
                 mail_from=f"alice@{w.author}")
    assert w.mail(**spoof) == "Junk"
    w.release_all()
    assert w.allowed() == []
    assert w.mail(**spoof) == "Junk"
