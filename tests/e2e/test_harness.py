"""The harness itself: delivery, clients, DNS server and signer work before a
test relies on them."""
import base64
import hashlib
import re
import socket

import dnslib

import message
from case import time_limit
from dns_server import Zone, ZoneError
from dovecot import wait_for

ZONE = """
$ORIGIN example.org.
$TTL 60
@       IN SOA ns root 1 2 3 4 5
        TXT "v=spf1 -all" ; a comment ; with "quotes"
long    TXT ( "one "
              "two\\"\\059" )
alias   300 IN CNAME long
a.b     A 192.0.2.1
*.wild  TXT "wild"
host.wild A 192.0.2.2
dead    SERVFAIL
silent  TIMEOUT
big     TXT "%s" "%s" "%s" "%s" "%s" "%s"
""" % (("x" * 250,) * 6)


def ask(dns, name, kind, timeout=5, tcp=False):
    query = dnslib.DNSRecord.question(name, kind)
    data = query.send(dns.address, dns.port, tcp=tcp, timeout=timeout)
    return dnslib.DNSRecord.parse(data)


def test_dns_answers(t):
    dns = t.own_dns(ZONE)
    for name, kind, rcode, texts in (
            ("example.org", "TXT", 0, ['"v=spf1 -all"']),
            ("EXAMPLE.org", "TXT", 0, ['"v=spf1 -all"']),
            ("long.example.org", "TXT", 0, ['"one ","two";"']),
            ("alias.example.org", "TXT", 0,
             ["long.example.org.", '"one ","two";"']),
            ("alias.example.org", "CNAME", 0, ["long.example.org."]),
            ("a.b.example.org", "A", 0, ["192.0.2.1"]),
            ("b.example.org", "A", 0, []),           # RFC 8020
            ("org", "TXT", 0, []),
            ("c.example.org", "A", 3, []),
            ("x.y.wild.example.org", "TXT", 0, ['"wild"']),
            ("x.wild.example.org", "A", 0, []),      # RFC 4592 section 2.2.1
            ("host.wild.example.org", "TXT", 0, []),
            ("x.host.wild.example.org", "TXT", 3, []),
            ("wild.example.org", "TXT", 0, []),
            ("dead.example.org", "TXT", 2, [])):
        reply = ask(dns, name, kind)
        found = [str(rr.rdata) for rr in reply.rr]
        assert (reply.header.rcode, found) == (rcode, texts), (name, found)


def test_dns_tcp_when_too_big(t):
    dns = t.own_dns(ZONE)
    reply = ask(dns, "big.example.org", "TXT")
    assert reply.header.tc == 1 and not reply.rr
    reply = ask(dns, "big.example.org", "TXT", tcp=True)
    assert len(reply.rr[0].rdata.data) == 6


def test_dns_log_and_delay(t):
    dns = t.own_dns(ZONE)
    dns.set_delay(150, "a.b.example.org")
    ask(dns, "a.b.example.org", "A")
    mark = dns.mark()
    try:
        ask(dns, "silent.example.org", "A", timeout=0.1)
        raise AssertionError("an answer from a silent name")
    except socket.timeout:
        pass
    dns.add_zone("new.example.com. TXT new\n")
    assert str(ask(dns, "new.example.com", "TXT").rr[0].rdata) == '"new"'
    first = dns.questions()[0]
    assert (first.name, first.type) == ("a.b.example.org", "A")
    assert first.answered - first.start >= 149
    assert [(q.name, q.answered is None) for q in dns.questions(mark)] == [
        ("silent.example.org", True), ("new.example.com", False)]


def test_dns_zone_errors(t):
    for text in ("a TXT \"open", "a A 1.2.3", "a TXT ( b", "a TXT b )"):
        try:
            Zone(text)
        except ZoneError:
            continue
        raise AssertionError("accepted: " + text)


def test_dkim_signer_rfc6376_and_rfc8463_canonicalization(t):
    # RFC 6376 section 3.4.5
    data = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"
    fields, body = message.split_message(data)
    assert fields == [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]
    assert [message._canon_field(f, True) for f in fields] == \
        [b"a:X\r\n", b"b:Y Z\r\n"]
    assert message._canon_body(body, True) == b" C\r\nD E\r\n"
    assert message._canon_body(body, False) == b" C \r\nD \t E\r\n"
    assert message._canon_body(b"", False) == b"\r\n"
    assert message._canon_body(b"\r\n\r\n", True) == b""
    # RFC 8463 appendix A.3
    body = (b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\n"
            b"Joe.\r\n")
    digest = hashlib.sha256(message._canon_body(body, True)).digest()
    assert base64.b64encode(digest) == \
        b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="


def test_dkim_signature_verifies_with_its_key(t):
    signed = message.dkim_sign(message.message(), "example.org",
                               key=message.ED25519)
    fields, _ = message.split_message(signed)
    assert b"a=ed25519-sha256" in fields[0]
    names = re.search(rb"h=(.*?);", fields[0]).group(1).split(b":")
    text = b"".join(message._canon_field(f, True) for n in names
                    for f in fields if f.split(b":")[0] == n)
    unsigned, _, value = fields[0].rpartition(b"b=")
    text += message._canon_field(unsigned + b"b=", True)[:-2]
    message.ED25519.private.public_key().verify(
        base64.b64decode(b"".join(value.split())),
        hashlib.sha256(text).digest())


def test_lmtp_delivers_byte_for_byte(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    data = message.message(body="one\r\n.two\r\n..\r\n")
    reply = dovecot.deliver(data, user)
    assert reply.code == 250, reply
    assert user.only_mail().data.endswith(data)
    assert len(user.files()) == 1


def test_lmtp_bare_lf_with_bdat(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    data = message.message(body="one\r\n").replace(b"\r\n", b"\n")
    assert dovecot.deliver(data, user).code == 250
    with open(user.files()[0], "rb") as f:
        assert f.read().endswith(data)


def test_lmtp_several_recipients_and_transactions(t):
    dovecot = t.dovecot(authres=False)
    one, two = dovecot.user(), dovecot.user()
    with dovecot.lmtp() as session:
        replies = session.deliver(
            "a@example.org", [one.address, "nobody@mx.example", two.address],
            message.message())
        assert [r.code for r in replies] == [250, 550, 250], replies
        replies = session.deliver("", one.address, message.message())
        assert [r.code for r in replies] == [250]
        assert session.quit().code == 221
    assert len(one.mails()) == 2 and len(two.mails()) == 1


def test_lmtp_xclient_needs_a_trusted_peer(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    reply = dovecot.deliver(message.message(), user, xclient=dict(
        addr="192.0.2.77", helo="out.example.org"))
    assert reply.code == 250
    received = user.only_mail().fields("Received")[0]
    assert "[192.0.2.77]" in received, received
    distrustful = t.own_dovecot(authres=False, login_trusted="")
    with distrustful.lmtp(tcp=True) as session:
        assert session.xclient(addr="192.0.2.77").code == 550


def test_lda_as_root_and_as_user(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    data = message.message()
    for as_user in (False, True):
        done = dovecot.lda(data, user, as_user=as_user)
        assert done.returncode == 0, done.stderr
    assert [m.data for m in user.mails()] == [data, data]


def test_sieve_fileinto_addflag_and_vacation(t):
    dovecot = t.dovecot(authres=False, sieve=True)
    user = dovecot.user()
    user.sieve('require ["fileinto", "imap4flags", "mailbox", "vacation"];\n'
               'vacation "away";\n'
               'addflag "\\\\Flagged"; addflag "blue";\n'
               'fileinto :create "Work";\n')
    reply = dovecot.deliver(message.message(to=f"<{user.address}>"), user)
    assert reply.code == 250
    mail = user.only_mail("Work")
    assert mail.flags == {"\\Flagged", "blue"}
    assert mail.keywords == {"blue"}
    assert user.mails() == []
    wait_for(dovecot.sent_mails, "the vacation reply")
    assert b"away" in dovecot.sent_mails()[0]


def test_mail_formats_and_doveadm(t):
    dovecot = t.dovecot(authres=False)
    for mail in ("sdbox:~/sdbox", "mdbox:~/mdbox"):
        user = dovecot.user(mail=mail)
        data = message.message()
        assert dovecot.deliver(data, user).code == 250
        assert user.only_mail().data.endswith(data)
        done = dovecot.doveadm("fetch", "-u", user.name, "hdr.subject",
                               "all", check=True)
        assert "Test" in done.stdout


def test_log_and_processes(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    mark = dovecot.mark()
    dovecot.deliver(message.message(message_id="<log@example.org>"), user)
    dovecot.wait_log(r"lmtp\(" + user.name + r"\).*<log@example.org>",
                     since=mark)
    assert len(dovecot.processes("lmtp")) >= 1
    assert dovecot.processes("nonesuch") == []


@time_limit(120)
def test_a_large_message(t):
    dovecot = t.dovecot(authres=False)
    user = dovecot.user()
    data = message.message(body="x" * 76 + "\r\n")
    data += (b"y" * 76 + b"\r\n") * 60000
    assert dovecot.deliver(data, user).code == 250
    assert user.only_mail().data.endswith(data)
