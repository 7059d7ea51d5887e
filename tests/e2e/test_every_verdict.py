"""Every message gets a verdict: whatever bytes it brings, however large it is,
however few of it come, and whatever becomes of the processes that judge it.
Where a verifier is there, a forgery under p=reject is in Junk."""
import os
import re
import signal
import threading
import time

import message
import patience
import verifier
from case import needs_authres, time_limit
from dovecot import wait_for

STRANGER = "203.0.113.41"
FROM_TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                          "..", "src", "identity", "test-author-domain.c")
MIB = 1024 * 1024
AUTHRES_MAX_REQUEST_BYTES = 150 * MIB


def forged_domain(t):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    return domain


def forgery(author, *fields, body="Hello.\r\n", helo="evil.example"):
    """From a stranger's host."""
    return message.message(author, body, extra=[
        message.received(STRANGER, helo), *fields])


def c_string(text):
    """What a C compiler makes of the literals in text, as bytes."""
    found = b""
    for literal in re.findall(r'"((?:[^"\\]|\\.)*)"', text):
        found += re.sub(
            rb"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)",
            lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else
            bytes([int(m[1], 8)]) if m[1].isdigit() else
            {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(m[1], m[1]),
            literal.encode())
    return found


def from_headers():
    """The headers of the table of src/identity/test-author-domain.c."""
    with open(FROM_TABLE) as f:
        table = f.read().partition("} author_tests[] = {")[2]
    table = table.partition("\n};")[0]
    return [c_string(row) for row in
            re.findall(r'(?m)^\t\{ ((?:"(?:[^"\\]|\\.)*"\s*)+),', table)]


def assert_no_error(dovecot, errors):
    lines = [line for line in dovecot.log_lines("error")[errors:]
             if "Warning: " not in line]
    assert not lines, lines


def assert_judged(dovecot, user, count, errors):
    """All are there, no matter where, and each got its verdict."""
    mails = user.mails() + user.mails("Junk")
    assert len(mails) == count, (len(mails), count)
    for mail in mails:
        assert "dmarc=" in mail.authres, mail.data
        assert "verifier" not in mail.authres, mail.authres
    assert_no_error(dovecot, errors)


@needs_authres
@time_limit(180)
def test_every_from_of_the_table(t):
    dovecot = t.dovecot()
    user, errors = dovecot.user(), dovecot.mark("error")
    headers = from_headers()
    assert len(headers) > 100, len(headers)
    with dovecot.lmtp() as session:
        for header in headers:
            data = message.received(STRANGER, "evil.example").encode() + \
                b"\r\n" + header + b"\r\n\r\nHello.\r\n"
            reply = session.deliver("x@evil.example", user.address, data,
                                    bdat=True)[0]
            assert reply.code == 250, (header, reply)
    assert_judged(dovecot, user, len(headers), errors)


AUTHORS = (
    "Boss <c\u00e9o@{}>", "Boss <\u200bceo@{}>", "ceo\u200b@{}",
    "Boss <\U0001f600@{}>", "Boss <c%C3%A9o@{}>", "Boss <%@{}>",
    "Boss <\u0085x@{}>", "Boss <\ufeffceo@{}>", '"c\u00e9o b"@{}',
    "Boss <\u202eoec@{}>", "Boss <\u00adceo@{}>")


@needs_authres
def test_forgery_with_bytes_of_all_kinds_is_junk(t):
    """Bytes a stranger brings into a reply: none of them ends the policy."""
    dovecot, domain = t.dovecot(), forged_domain(t)
    errors = dovecot.mark("error")
    user = dovecot.user()
    messages = [forgery(author.format(domain)) for author in AUTHORS]
    odd = "\u00fc\u200b\u0085%41\u202e"
    messages += [
        forgery(f"ceo@{domain}", helo=odd),
        forgery(f"ceo@{domain}", f"List-Id: {odd} <{odd}.{domain}>"),
        forgery(f"ceo@{domain}",
                f"DKIM-Signature: v=1; a=rsa-sha256; s={odd}; d={odd}.example;"
                f" i={odd}@{odd}.example; h=from; bh=AA==; b=AA=={odd}"),
        forgery(f"ceo@{domain}", f"ARC-Seal: i=1; {odd}={odd}",
                f"Authentication-Results: {odd}; spf=pass ({odd})")]
    for data in messages:
        assert dovecot.deliver(data, user, "x@evil.example").code == 250
    assert not user.mails()
    # a list is known by who says so; nothing else goes to INBOX
    assert_judged(dovecot, user, len(messages), errors)


@needs_authres
def test_mail_from_of_all_kinds(t):
    dovecot, domain = t.dovecot(), forged_domain(t)
    user, errors = dovecot.user(), dovecot.mark("error")
    paths = ("", "a%b@evil.example", '"a b"@evil.example',
             "c\u00e9o@evil.example", "x@b\u00fccher.example")
    sent = 0
    with dovecot.lmtp() as session:
        for path in paths:
            reply = session.command(f"MAIL FROM:<{path}> SMTPUTF8"
                                    if not path.isascii() else
                                    f"MAIL FROM:<{path}>")
            if reply.code != 250:
                continue
            assert session.command(f"RCPT TO:<{user.address}>").code == 250
            assert session.data(forgery(f"ceo@{domain}"))[0].code == 250
            sent += 1
    assert sent >= 3
    assert not user.mails()
    assert_judged(dovecot, user, sent, errors)


LARGE_HEADERS = {
    "many fields": lambda author: [f"X-{i}: y" for i in range(1500)] +
    [f"From: {author}"],
    "large fields": lambda author: ["X: " + "y " * 30000] * 30 +
    [f"From: {author}"],
    "From first": lambda author: [f"From: {author}"] +
    ["X: " + "y " * 30000] * 30,
    "one field above the limit": lambda author: [
        f"From: {author}", "X: " + "y " * 40000],
}


@needs_authres
@time_limit(120)
def test_forgery_with_a_header_above_the_limits_is_junk(t):
    dovecot, domain = t.dovecot(), forged_domain(t)
    errors = dovecot.mark("error")
    for name, fields in LARGE_HEADERS.items():
        user = dovecot.user()
        lines = [message.received(STRANGER, "evil.example")] + \
            fields(f"ceo@{domain}")
        data = "".join(line + "\r\n" for line in lines).encode() + \
            b"\r\nHello.\r\n"
        assert dovecot.deliver(data, user, "x@evil.example").code == 250
        authres = user.only_mail("Junk").authres
        assert "dmarc=" in authres, name
        assert "header cut: " in authres, (name, authres)
    assert_no_error(dovecot, errors)


@needs_authres
@time_limit(180)
def test_forgery_above_the_request_limit_is_junk(t):
    """151 MiB, with a signature that nobody can check to the end."""
    dovecot, domain = t.dovecot(), forged_domain(t)
    user, errors = dovecot.user(), dovecot.mark("error")
    line = b"x" * 4094 + b"\r\n"
    t.dns.add_zone(message.RSA.record("s1", domain))
    signed = message.dkim_sign(message.message(f"ceo@{domain}"), domain)
    data = message.received(STRANGER, "evil.example").encode() + b"\r\n" + \
        signed + line * (AUTHRES_MAX_REQUEST_BYTES // len(line) + 200)
    reply = dovecot.deliver(data, user, "x@evil.example", bdat=True)
    assert reply.code == 250, reply
    # by its file: IMAP would take longer than all the rest
    path, = user.files()
    assert "/.Junk/" in path, path
    assert os.path.getsize(path) > AUTHRES_MAX_REQUEST_BYTES
    with open(path, "rb") as f:
        head = re.sub(rb"\s+", b" ", f.read(4096))
    for text in (b"dmarc=fail", b"dkim=policy",
                 b"message cut: larger than 157286400 bytes"):
        assert text in head, head
    assert_no_error(dovecot, errors)


@needs_authres
def test_body_that_does_not_come(t):
    """The header alone decides."""
    dovecot, domain = t.dovecot(), forged_domain(t)
    t.dns.add_zone(message.RSA.record("s1", domain))
    data = message.dkim_sign(message.message(f"ceo@{domain}"), domain)
    head = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\nHel"
    connection = verifier.Connection(dovecot)
    connection.request(timeout_msecs=2000, mail_from="x@evil.example",
                       argument_ip=STRANGER)
    connection.send(b"%d\n" % (len(head) + 1) + head)
    results, pairs = connection.reply()
    assert pairs["dmarc"] == "fail" and pairs["policy"] == "reject", pairs
    text = str(results)
    assert "message cut: the rest did not arrive within" in text, text
    assert "policy" in text


# A process that dies is replaced by the master, which lets a service whose
# processes die wait; a connection is taken by whoever is there next.
@needs_authres
@time_limit(120)
def test_processes_are_killed_under_load(t):
    dovecot, domain = t.own_dovecot(), forged_domain(t)
    users = [dovecot.user() for _ in range(4)]
    done, replies = threading.Event(), []

    def kill():
        # not all: whoever has just begun is left to it for a while
        while not done.wait(patience.secs(0.3)):
            for pid in dovecot.processes("authres"):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def send(user):
        with dovecot.lmtp() as session:
            for _ in range(25):
                replies.append(session.deliver(
                    "x@evil.example", user.address,
                    forgery(f"ceo@{domain}"))[0])

    killer = threading.Thread(target=kill)
    senders = [threading.Thread(target=send, args=(u,)) for u in users]
    for thread in [killer] + senders:
        thread.start()
    for thread in senders:
        thread.join()
    done.set()
    killer.join()
    assert len(replies) == 100
    # three processes that die on one message are the message's doing
    delivered = [r for r in replies if r.code == 250]
    assert len(delivered) >= 95, [str(r) for r in replies if r.code != 250]
    assert sum(len(u.mails("Junk")) for u in users) == len(delivered)
    for user in users:
        assert not user.mails(), user.mails()[0].authres


@needs_authres
@time_limit(120)
def test_delivery_while_no_process_is_there(t):
    """All processes are stopped for longer than a greeting may take."""
    dovecot, domain = t.own_dovecot(), forged_domain(t)
    user = dovecot.user()
    wait_for(lambda: len(dovecot.processes("authres")) >= 2, "the verifier")
    pids = dovecot.processes("authres")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(2.5, lambda: [os.kill(p, signal.SIGCONT)
                                          for p in pids])
    timer.start()
    begin = time.monotonic()
    try:
        reply = dovecot.deliver(forgery(f"ceo@{domain}"), user,
                                "x@evil.example")
    finally:
        timer.join()
    assert reply.code == 250, reply
    assert "dmarc=fail" in user.only_mail("Junk").authres
    assert time.monotonic() - begin < patience.secs(9)
