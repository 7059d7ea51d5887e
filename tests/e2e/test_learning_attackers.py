"""Who profits from what a user allowed: with real checks, on real signatures
and DNS."""
import os
import re

import message
from case import needs_authres
from moves import Session

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
                    (self.author, self.lists, self.service, self.other)))
        self.number = 0

    def mail(self, list_id=None, signed_by=None, mail_from="x@nowhere.example",
             ip=STRANGER, broken=False, extra=(), author=None, written=None,
             retitled=False):
        """Deliver it; returns the mailbox it went to. written: signed by that
        domain before the list added its field and a line to the body, and to
        the subject with retitled."""
        self.number += 1
        data = message.message(f"Alice <{author or 'alice@' + self.author}>",
                               subject=f"mail {self.number}")
        if written:
            data = message.dkim_sign(data, written) + b"-- \r\nthe list\r\n"
        if retitled:
            data = data.replace(b"Subject: ", b"Subject: Re: ")
        if list_id is not None:
            data = f"List-Id: <{list_id}>\r\n".encode() + data
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

    def from_list(self, **options):
        options.setdefault("written", self.author)
        return self.mail(f"dev.{self.lists}", self.lists,
                         f"bounces@{self.lists}", LIST_HOST, **options)

    def from_strangers_list(self, **options):
        """All of it is the stranger's own: the list, its signature, its
        host."""
        return self.mail(f"friends.{self.other}", self.other,
                         f"bounces@{self.other}", **options)

    def states(self):
        return [(row.split("\t")[0], row.split("\t")[-1])
                for row in self.allowed()]

    def a_day_passes(self):
        """As if what was noted had been noted the day before."""
        path = os.path.join(self.user.home, ".dovecot.authres")
        with open(path) as f:
            text = f.read()
        older = re.sub(r"(?m)^(\d+) released (\d+)$", lambda found:
                       f"{int(found[1]) - 86400} released "
                       f"{int(found[2]) - 86400}", text)
        assert older != text, text
        with open(path, "w") as f:
            f.write(older)

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
    # from now on, whether it is signed or not: that list is believed
    assert w.from_list() == "INBOX"
    assert "$AuthOverride" in w.user.mails()[-1].keywords
    assert w.from_list(written=None) == "INBOX"
    list_id = f"dev.{w.lists}"
    forged = (f"Authentication-Results: mx.example; dmarc=fail\r\n"
              f"\theader.from={w.author} policy.dmarc=quarantine;\r\n"
              f"\tdkim=pass header.d={w.lists}\r\n"
              f"\t(authres: client=192.0.2.1 received=2 list={w.lists})")
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


@needs_authres
def test_a_strangers_own_list_opens_nothing(t):
    # one friendly message, all of it his own: List-Id, signature, host, and
    # the name of somebody whose policy it fails
    w = World(t)
    for how in (dict(), dict(written=w.other), dict(written=w.service),
                # signed by the author once, and no longer the author's header
                dict(written=w.author, retitled=True)):
        assert w.from_strangers_list(**how) == "Junk", how
        mark = w.user.dovecot.mark()
        w.release_all()
        # as often as he likes, on one day
        alice = f"alice@{w.author}"
        assert w.states() == [(alice, "released")], how
        line = w.user.dovecot.wait_log("authres: released", since=mark)
        assert "allowed=no (on a second day list:friends." in line, line
        assert w.from_strangers_list(**how) == "Junk", how
        w.release_all()
        assert w.states() == [(alice, "released")], how
        # into Junk: forgotten
        with Session(w.user, "INBOX") as s:
            s.uid("MOVE", "1:*", "Junk")
        assert w.allowed() == [], how


@needs_authres
def test_taken_back_on_two_days(t):
    w = World(t)
    assert w.from_list(written=None) == "Junk"
    w.release_all()
    assert w.from_list(written=None) == "Junk"
    w.a_day_passes()
    # nothing by itself
    assert w.from_list(written=None) == "Junk"
    w.release_all()
    assert w.states() == [(f"alice@{w.author}", "learned")]
    assert w.from_list(written=None) == "INBOX"
    # of that author alone
    assert w.from_list(written=None, author=f"bob@{w.author}") == "Junk"


@needs_authres
def test_an_author_whose_name_shows_what_it_is_not(t):
    """C1 controls and invisible characters look like another author: they are
    neither learned nor printed."""
    for hidden in "\x9b\u200b\u202e\U000e0041":
        w = World(t)
        assert w.from_list(author=f"al{hidden}ice@{w.author}") == "Junk"
        text = "".join(w.user.dovecot.doveadm(
            *words, "-u", w.user.name, *more, check=True).stdout
            for words, more in ((("authres", "list"), ()),
                                (("authres", "explain"),
                                 ("Junk", "1"))))
        assert w.author in text and hidden not in text, ascii(text)
        w.release_all()
        assert w.allowed() == [], (ascii(hidden), w.allowed())
        # who looks like that gains nothing by it
        assert w.from_list(author=f"al{hidden}ice@{w.author}") == "Junk"


@needs_authres
def test_a_list_that_the_user_answers(t):
    w = World(t)
    friend = t.domain()
    t.dns.add_zone(message.RSA.record("s1", friend) +
                   f'_dmarc.{friend}. TXT "v=DMARC1; p=reject"\n' +
                   f'_dmarc.{w.other}. TXT "v=DMARC1; p=reject"\n')

    def passes(list_id, list_domain, author):
        w.number += 1
        data = message.message(f"Bob <bob@{author}>", to="dev@list.example",
                               subject=f"mail {w.number}")
        data = f"List-Id: <{list_id}>\r\n".encode() + message.dkim_sign(
            data, author)
        data = message.dkim_sign(data, list_domain, headers=(
            "From", "Subject", "List-Id"))
        data = (message.received(LIST_HOST, "out.example") +
                "\r\n").encode() + data
        assert w.user.dovecot.deliver(data, w.user,
                                      f"bounces@{list_domain}").code == 250
        assert "dmarc=pass" in w.user.mails()[-1].authres

    def answer(words="\\Answered"):
        with Session(w.user, "INBOX") as s:
            s.store("+FLAGS", words, "*")

    # mail that passed says nothing of its list, nor does reading it: a stranger
    # has domains of his own
    passes(f"dev.{w.lists}", w.lists, friend)
    answer("\\Seen \\Flagged")
    assert w.allowed() == []
    # a stranger who writes to his own list, and gets an answer
    passes(f"friends.{w.other}", w.other, w.other)
    answer()
    assert w.allowed() == []
    assert w.from_strangers_list() == "Junk"
    w.release_all()
    assert w.states() == [(f"alice@{w.author}", "released")]

    passes(f"dev.{w.lists}", w.lists, friend)
    answer()
    assert ("*", "answered") in w.states()
    # that lets nothing through by itself
    assert w.from_list(written=None) == "Junk"
    w.release_all()
    assert (f"alice@{w.author}", "learned") in w.states()
    assert w.from_list(written=None) == "INBOX"
    assert w.from_strangers_list() == "Junk"


@needs_authres
def test_the_administrator_vouches(t):
    w = World(t)
    assert w.from_list(written=None) == "Junk"
    told = w.user.dovecot.doveadm("authres", "explain", "-u", w.user.name,
                                  "Junk", "1", check=True).stdout
    assert "on two different days" in " ".join(told.split()), told
    done = w.user.dovecot.doveadm("-f", "tab", "authres", "release", "-u",
                                  w.user.name, "--allow", "Junk", "1",
                                  check=True).stdout
    assert done.splitlines()[1].endswith(f"list:dev.{w.lists}"), done
    assert w.from_list(written=None) == "INBOX"


@needs_authres
def test_both_doors_leave_the_same_keywords(t):
    w = World(t)
    found = []
    for storage in (None, "sdbox:~/sdbox"):
        for door in ("move", "mark", "doveadm"):
            user = w.user = w.user.dovecot.user(
                authres_keyword_junk="Spam",
                authres_keyword_phishing="Danger",
                **({"mail": storage} if storage else {}))
            assert w.from_list() == "Junk"
            with Session(user) as s:
                s.store("+FLAGS", "$Phishing Danger mine \\Flagged")
                if door == "move":
                    s.move("INBOX")
                elif door == "mark":
                    s.store("+FLAGS", "NotJunk")
            if door == "doveadm":
                user.dovecot.doveadm("authres", "release", "-u", user.name,
                                     "Junk", "1", check=True)
            keywords = set(user.only_mail(
                "Junk" if door == "mark" else "INBOX").keywords)
            if door == "mark":
                keywords.discard("NotJunk")
            found.append(keywords)
    assert found[0] == {"$AuthFail", "mine", "$NotJunk", "NonJunk"}, found
    assert all(keywords == found[0] for keywords in found), found
