"""Several recipients, several messages: one question to the verifier, each
recipient's own settings, nothing of one message or user with another."""
import os
import re

import fake_verifier
import message
from case import needs_authres


def field(user, mailbox="INBOX"):
    data = user.only_mail(mailbox).data
    return data[:data.index(b"Return-Path:")]


def inodes(*users):
    found = []
    for user in users:
        paths = user.files()
        assert len(paths) == 1, paths
        found.append(os.stat(paths[0]).st_ino)
    return found


@needs_authres
def test_verified_once_own_settings_hard_links(t):
    dovecot = fake_verifier.dovecot(t)
    users = [dovecot.user(), dovecot.user(authres_mode="tag"),
             dovecot.user(authres_keyword_fail="other"), dovecot.user()]
    before = len(dovecot.verifier.requests)
    replies = dovecot.deliver(message.message(extra=[
        "X-Verdict: dmarc=fail policy=quarantine",
        "Authentication-Results: mx.example; dmarc=pass"]), users)
    assert [r.code for r in replies] == [250] * 4, replies
    assert len(dovecot.verifier.requests) == before + 1
    assert users[0].only_mail("Junk").keywords >= {"$AuthFail", "$Junk"}
    tagged = users[1].only_mail().keywords
    assert "$AuthFail" in tagged and not tagged & {"$Junk", "Junk"}
    other = users[2].only_mail("Junk").keywords
    assert other >= {"other", "$Junk"} and "$AuthFail" not in other
    fields = {field(users[0], "Junk"), field(users[1]),
              field(users[2], "Junk"), field(users[3], "Junk")}
    assert len(fields) == 1
    assert len(set(inodes(*users))) == 1
    for user in users:
        with open(user.files()[0], "rb") as f:
            assert f.read().count(b"Authentication-Results:") == 1


@needs_authres
def test_recipients_without_the_plugin(t):
    dovecot = fake_verifier.dovecot(t, sieve=True)
    data = message.message(extra=["X-Verdict: dmarc=fail policy=quarantine",
                                  "Authentication-Results: mx.example; x=y"])
    for first in (False, True):
        without = dovecot.user(mail_plugins="sieve")
        # Sieve copies the keywords of the mail it is given
        without.sieve("keep;\n")
        plain = dovecot.user(mail_plugins="acl")
        with_, more = dovecot.user(), dovecot.user(authres_mode="tag")
        more.sieve("keep;\n")
        users = [without, plain, with_, more] if first else \
            [with_, without, plain, more]
        before = len(dovecot.verifier.requests)
        replies = dovecot.deliver(data, users)
        assert [r.code for r in replies] == [250] * 4, replies
        assert len(dovecot.verifier.requests) == before + 1
        assert dovecot.verifier.last().message.endswith(data)
        for user in (without, plain):
            # imap cannot load the first one's mail_plugins
            path, = user.files()
            assert not re.search("[a-z]", path.partition(":2,")[2]), path
            assert "/.Junk/" not in path
        assert with_.only_mail("Junk").keywords >= {"$AuthFail", "$Junk"}
        tagged = more.only_mail().keywords
        assert "$AuthFail" in tagged and not tagged & {"$Junk", "Junk"}
        for user, mailbox in ((with_, "Junk"), (more, "INBOX")):
            fields = user.only_mail(mailbox).fields("Authentication-Results")
            assert len(fields) == 1 and "dmarc=fail" in fields[0]


@needs_authres
def test_first_recipient_has_a_script_or_fails(t):
    dovecot = fake_verifier.dovecot(t, sieve=True)
    scripted, two, three = (dovecot.user() for _ in range(3))
    scripted.sieve('require ["fileinto", "mailbox", "imap4flags"]; '
                   'addflag "own"; fileinto :create "Work";\n')
    replies = dovecot.deliver(message.message(),
                              [scripted, "nobody@mx.example", two, three])
    assert [r.code for r in replies] == [250, 550, 250, 250]
    assert scripted.only_mail("Work").keywords >= {"own", "$AuthPass"}
    for user in (two, three):
        keywords = user.only_mail().keywords
        assert "$AuthPass" in keywords and "own" not in keywords
        assert len(user.only_mail().fields("Authentication-Results")) == 1
    assert len(set(inodes(two, three))) == 1


@needs_authres
def test_a_stranger_cannot_pass_for_our_copy(t):
    # The second message looks as the first one was stored.
    dovecot = fake_verifier.dovecot(t)
    one, two = dovecot.user(), dovecot.user()
    dovecot.deliver(message.message(), one)
    stored = one.only_mail().data
    forged = stored.replace(b"MIME-Version", b"X-Verdict: dmarc=fail "
                            b"policy=quarantine\r\nMIME-Version")
    replies = dovecot.deliver(forged, [one, two])
    assert [r.code for r in replies] == [250, 250]
    for user in (one, two):
        fields = user.only_mail("Junk").fields("Authentication-Results")
        assert len(fields) == 1 and "dmarc=fail" in fields[0]


@needs_authres
def test_messages_on_one_connection_share_nothing(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    with dovecot.lmtp(tcp=True) as session:
        assert session.xclient(addr="192.0.2.7", session="same").code == 220
        for number in range(6):
            verdict = ["dmarc=pass", "dmarc=fail", "dmarc=none"][number % 3]
            replies = session.deliver(
                "alice@example.org", user.address,
                message.message(subject=f"number {number}",
                                extra=[f"X-Verdict: {verdict}"]))
            assert replies[0].code == 250
            if number == 3:
                session.command("RSET")
    mails = user.mails()
    assert len(mails) == 6
    for number, mail in enumerate(mails):
        verdict = ["dmarc=pass", "dmarc=fail", "dmarc=none"][number % 3]
        assert verdict in mail.authres, (number, mail.authres)
        assert f"number {number}".encode() in mail.data


@needs_authres
def test_envelope_by_lmtp(t):
    dovecot = fake_verifier.dovecot(t)
    # userdb is no command line
    user = dovecot.user(authres_client_ip="192.0.2.99",
                        authres_client_helo="userdb.example")
    dovecot.deliver(message.message(), user, mail_from="a.b@example.net")
    said = dovecot.verifier.last().arguments
    assert said["protocol"] == "lmtp" and said["rcpt_to"] == user.address
    assert said["mail_from"] == "a.b@example.net"
    assert not {"peer_ip", "xclient_ip", "xclient_helo", "argument_ip",
                "argument_helo"} & set(said), said
    received = user.only_mail().fields("Received")[0]
    assert f"id {said['session_id']} " in received

    dovecot.deliver(message.message(), user, mail_from="", xclient=dict(
        addr="192.0.2.7", helo="out.example.net"))
    said = dovecot.verifier.last().arguments
    assert said["mail_from"] == ""
    assert said["peer_ip"] == "127.0.0.1"
    assert said["xclient_ip"] == "192.0.2.7"
    assert said["xclient_helo"] == "out.example.net"

    with dovecot.lmtp(tcp=True) as session:
        session.deliver("a@example.net", user.address, message.message())
        session.deliver("b@example.net", user.address, message.message())
    said = dovecot.verifier.last().arguments
    assert said["mail_from"] == "b@example.net"
    assert said["peer_ip"] == "127.0.0.1" and "xclient_ip" not in said
    assert said["session_id"].endswith(":T2")


@needs_authres
def test_envelope_by_lda(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user(authres_client_ip="192.0.2.99")
    for as_user in (False, True):
        assert dovecot.lda(
            message.message(), user, mail_from="a@example.net",
            as_user=as_user, settings=[
                "plugin/authres_client_ip=2001:db8::7",
                "plugin/authres_client_helo=out.example.net"]).returncode == 0
        said = dovecot.verifier.last().arguments
        assert said["protocol"] == "lda"
        assert said["mail_from"] == "a@example.net"
        assert said["argument_ip"] == "2001:db8::7"
        assert said["argument_helo"] == "out.example.net"
        assert "session_id" not in said and "peer_ip" not in said
    for mail_from, expected in ((None, None), ("", "")):
        assert dovecot.lda(message.message(), user,
                           mail_from=mail_from).returncode == 0
        said = dovecot.verifier.last().arguments
        assert said.get("mail_from") == expected, (mail_from, said)
        assert "argument_ip" not in said and "argument_helo" not in said
