"""IMAP sessions that move mail, for tests of what that teaches."""
import json

import fake_verifier
import message

ALICE = "alice@example.org"
LIST = "lists.example.net"


def plain(t):
    return fake_verifier.dovecot(t)


def mail(author=ALICE, list_domain=LIST, number=1, **more):
    """A message that fails its policy and came through a list; its author's
    organization signed it, and the list changed its body."""
    values = dict(dmarc="fail", policy="quarantine", author_address=author,
                  author_domain=author.partition("@")[2].lower(),
                  author_header_signed="yes")
    if list_domain:
        values["list_domain"] = list_domain
    values.update(more)
    words = " ".join(f"{k}={v}" for k, v in values.items() if v is not None)
    return message.message(f"Alice <{author}>", subject=f"number {number}",
                           extra=["X-Verdict: " + words])


def allowances(user):
    done = user.dovecot.doveadm("-f", "json", "authres", "allow", "list", "-u",
                                user.name, check=True)
    return [f'{a["kind"]}:{a["through"]} {a["author"]}'
            for a in json.loads(done.stdout)]


class Session:
    """An IMAP session."""

    def __init__(self, user, mailbox="Junk", login=None):
        self.client = user.imap() if login is None else login
        assert self.client.select(f'"{mailbox}"')[0] == "OK", mailbox

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.logout()

    def uid(self, *words):
        kind, data = self.client.uid(*words)
        assert kind == "OK", (words, data)
        return data

    def only_uid(self):
        uids = self.client.uid("SEARCH", "ALL")[1][0].split()
        assert len(uids) == 1, uids
        return uids[0].decode()

    def move(self, mailbox, uid=None):
        self.uid("MOVE", uid or self.only_uid(), f'"{mailbox}"')

    def store(self, what, words, uid=None):
        self.uid("STORE", uid or self.only_uid(), what, f"({words})")

    def expunge(self, uid=None):
        self.store("+FLAGS", "\\Deleted", uid)
        assert self.client.expunge()[0] == "OK"


def deliver_to(user, data, mailbox):
    """Deliver it; it must be in mailbox. Returns it."""
    def ids(name):
        return {m.uid: m for m in user.mails(name)}
    before = ids(mailbox)
    reply = user.dovecot.deliver(data, user)
    assert reply.code == 250, reply
    new = [m for uid, m in ids(mailbox).items() if uid not in before]
    assert len(new) == 1, (mailbox, {m: len(user.mails(m))
                                     for m in user.mailboxes()})
    return new[0]
