"""The Authentication-Results field: on top, forged ones gone, every other byte
as it was."""
import re

import fake_verifier
import message
from case import needs_authres, time_limit

OURS = "Authentication-Results: mx.example; "
LMTP_FIELDS = 3     # Return-Path, Delivered-To, Received


def after_field(data):
    """What follows the first field."""
    lines = data.splitlines(keepends=True)
    end = 1
    while lines[end:] and lines[end][:1] in (b" ", b"\t"):
        end += 1
    return b"".join(lines[end:])


def after_dovecot(data):
    """Without our field and those of the LMTP server."""
    for _ in range(1 + LMTP_FIELDS):
        data = after_field(data)
    return data


@needs_authres
def test_field_on_top_lmtp(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    data = message.message()
    assert dovecot.deliver(data, user).code == 250
    mail = user.only_mail()
    assert mail.authres.startswith("mx.example;"), mail.authres
    assert "dmarc=pass" in mail.authres and "spf=pass" in mail.authres
    assert len(mail.fields("Authentication-Results")) == 1
    assert after_dovecot(mail.data) == data


@needs_authres
def test_field_on_top_lda(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    data = message.message()
    for as_user in (False, True):
        done = dovecot.lda(data, user, as_user=as_user)
        assert done.returncode == 0, done.stderr
    for mail in user.mails():
        assert mail.authres.startswith("mx.example;")
        assert after_field(mail.data) == data


@needs_authres
def test_field_byte_for_byte(t):
    """RFC 8601 section 2.2: dmarc first, no arc where there is no chain, our
    comment behind all entries in a line of its own, and every other line at a
    tab, or at a tab and a space if it continues one. No text of a stranger
    ends a comment or begins an entry."""
    dovecot, domain = t.dovecot(), t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:192.0.2.1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"\n')
    for helo, told in (
            ("out." + domain, "out." + domain),
            ("x;dmarc=pass", "x?dmarc?pass"),
            ("x);dmarc=pass(", "x??dmarc?pass?"),
            ('"\\;=@', "?" * 5),
            ("h" * 60 + "." + "i" * 60, "h" * 60 + "." + "i" * 60)):
        user = dovecot.user()
        data = message.message(f"a@{domain}", extra=[
            message.received("192.0.2.66", helo)])
        assert dovecot.deliver(data, user, f"b@{domain}").code == 250
        mail = user.only_mail("Junk")
        size = len(mail.data) - len(after_field(mail.data))
        lines = mail.data[:size].decode("ascii").split("\r\n")[:-1]
        unfolded = lines[0]
        for line in lines[1:]:
            assert re.match(r"\t ?[!-~]", line), lines
            assert len(line) + 7 <= 78 or " " not in line[2:], lines
            unfolded += " " + line.lstrip()
        assert [line for line in lines if line.startswith("\t(")] == \
            [lines[-1 if lines[-1].startswith("\t(") else -2]], lines
        entries = (OURS[:-1] + f" dmarc=fail (p=quarantine) header.from={domain}"
                   " policy.dmarc=quarantine; spf=fail ")
        comment = (" dkim=none (no signature) (authres: client=192.0.2.66 "
                   f"received=2 by=mx.example helo={told})")
        assert unfolded.startswith(entries) and unfolded.endswith(comment), \
            (unfolded, entries, comment)
        story = dovecot.doveadm("authres", "explain", "-u", user.name, "Junk",
                                "1", check=True).stdout
        assert "Received field 2, written by mx.example" in story
        assert told[:100] in story, story


FORGED = [
    OURS + "dmarc=pass",
    "authentication-RESULTS:\r\n\t(a (nested) comment) MX.EXAMPLE ;\r\n"
    " dmarc=pass",
    'Authentication-Results : "mx.example" 1; dmarc=pass',
    "Authentication-Results\r\n : mx.example; dmarc=pass",
    "Authentication-Results: mx.example;" + "\r\n\tx=y;" * 20000,
]


@needs_authres
def test_forged_fields_are_removed(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    kept = ["Authentication-Results: mx.example.org; dmarc=pass",
            "Authentication-Results: other.example; spf=pass",
            "Received: from a by b; Sun, 22 Nov 2026 12:00:00 +0000"]
    extra = []
    for forged in FORGED:
        extra += [forged] + kept[len(extra) % 3:][:1]
    data = message.message(extra=extra + FORGED)
    clean = message.message(extra=[f for f in extra if f not in FORGED])
    assert dovecot.deliver(data, user).code == 250
    mail = user.only_mail()
    assert after_dovecot(mail.data) == clean
    # the verifier gets the message as it came
    assert dovecot.verifier.last().message.endswith(data)


@needs_authres
@time_limit(120)
def test_forged_fields_behind_12_mib_of_header(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    filler = b"X-Filler: " + b"x" * 60 + b"\r\n"
    filler *= 12 * 1024 * 1024 // len(filler) + 1
    forged = (OURS + "dmarc=pass\r\n").encode()
    data = filler + forged * 5000 + b"X-Last: 1\r\n" + forged + b"\r\nbody\r\n"
    assert dovecot.deliver(data, user).code == 250
    with open(user.files()[0], "rb") as f:
        stored = f.read()
    assert stored.count(b"Authentication-Results:") == 1
    assert after_dovecot(stored) == \
        (filler + b"X-Last: 1\r\n\r\nbody\r\n").replace(b"\r\n", b"\n")


@needs_authres
def test_text_that_would_continue_our_field_is_removed(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    data = message.message()
    done = dovecot.lda(b" dmarc=pass (forged)\r\n\talso\r\n" + data, user)
    assert done.returncode == 0
    mail = user.only_mail()
    assert "forged" not in mail.authres and "also" not in mail.authres
    assert after_field(mail.data) == data


SHAPES = {
    "empty": b"",
    "empty line": b"\n",
    "empty line crlf": b"\r\n",
    "no header end": b"Subject: x\r\nFrom: a@example.org\r\n",
    "no line end": b"Subject: x",
    "no header": b"\r\nonly a body\r\n",
    "lf": message.message(body="one\r\ntwo\r\n").replace(b"\r\n", b"\n"),
    "mixed": b"Subject: x\nFrom: a@example.org\r\nTo: b\n\r\none\ntwo\r\n",
    "nul": b"Subject: a\0b\r\n\r\nbody \0 body\r\n",
    "8-bit": "Subject: é ü 日本\r\n\r\nbody é\r\n".encode() + b"\xff\xfe\r\n",
    "bare cr": b"Subject: a\rb\r\n\r\nbody\rbody\r\n",
    "garbage": b"not a header at all\r\nSubject: x\r\n\r\nbody\r\n",
    "no final newline": b"Subject: x\r\n\r\nbody",
}


def as_stored(data):
    return data.replace(b"\r\n", b"\n")


@needs_authres
def test_shapes_lmtp(t):
    dovecot = fake_verifier.dovecot(t)
    for name, data in SHAPES.items():
        if not data:
            continue    # BDAT of nothing is no message
        user = dovecot.user()
        reply = dovecot.deliver(data, user, bdat=True)
        assert reply.code == 250, (name, reply)
        with open(user.files()[0], "rb") as f:
            stored = f.read()
        assert stored.startswith(b"Authentication-Results: mx.example;"), name
        assert as_stored(after_dovecot(stored)) == as_stored(data), (
            name, stored)


@needs_authres
def test_shapes_lda(t):
    dovecot = fake_verifier.dovecot(t)
    for name, data in SHAPES.items():
        user = dovecot.user()
        done = dovecot.lda(data, user)
        assert done.returncode == 0, (name, done.stderr)
        with open(user.files()[0], "rb") as f:
            stored = f.read()
        assert stored.startswith(b"Authentication-Results: mx.example;"), name
        assert as_stored(after_field(stored)) == as_stored(data), (
            name, stored)


@needs_authres
@time_limit(120)
def test_20_mb(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    data = message.message(body="y" * 76 + "\r\n")
    data += (b"x" * 76 + b"\r\n") * (20 * 1024 * 1024 // 78)
    assert dovecot.deliver(data, user).code == 250
    assert after_dovecot(user.only_mail().data) == data
    assert dovecot.verifier.last().message.endswith(data)


@needs_authres
def test_mailbox_formats(t):
    dovecot = fake_verifier.dovecot(t)
    data = message.message(extra=[OURS + "dmarc=fail"])
    for mail_location in ("maildir:~/Maildir", "sdbox:~/sdbox",
                          "mdbox:~/mdbox"):
        user = dovecot.user(mail=mail_location)
        assert dovecot.deliver(data, user).code == 250
        mail = user.only_mail()
        assert mail.fields("Authentication-Results") == [mail.authres]
        assert "dmarc=pass" in mail.authres, mail_location
        assert mail.keywords >= {"$AuthPass"}, mail_location


@needs_authres
def test_with_other_plugins(t):
    dovecot = fake_verifier.dovecot(
        t, plugins="quota acl zlib mail_crypt",
        settings={"quota": "count:User quota", "quota_vsizes": "yes", "quota_rule": "*:storage=10M",
                  "acl": "vfile", "zlib_save": "gz",
                  "mail_crypt_curve": "prime256v1",
                  "mail_crypt_save_version": "2"},
        config="protocol imap {\n mail_plugins = $mail_plugins imap_quota\n}\n"
               "mail_attribute_dict = file:%h/attributes\n")
    data = message.message(extra=[OURS + "dmarc=fail"])
    for mail_location in ("maildir:~/Maildir", "sdbox:~/sdbox"):
        one, two = (dovecot.user(mail=mail_location) for _ in range(2))
        replies = dovecot.deliver(data, [one, two])
        assert [r.code for r in replies] == [250, 250], replies
        for user in (one, two):
            mail = user.only_mail()
            assert mail.fields("Authentication-Results") == [mail.authres]
            assert mail.data.endswith(message.message())
            assert mail.keywords >= {"$AuthPass"}


@needs_authres
def test_quota_exceeded_is_said_as_ever(t):
    dovecot = fake_verifier.dovecot(
        t, plugins="quota", settings={"quota": "count:User quota",
                                      "quota_vsizes": "yes",
                                      "quota_rule": "*:storage=1k"})
    big = message.message(body="x" * 70 + "\r\n" + "y" * 5000 + "\r\n",
                          extra=["X-Verdict: dmarc=fail policy=quarantine"])
    user = dovecot.user()
    reply = dovecot.deliver(big, user)
    assert reply.code == 552, reply
    # a bounce, the MTA's too, would go to whom it was forged for
    assert dovecot.lda(big, user, options=["-e"]).returncode == 75
    assert user.mails() == [] and user.mails("Junk") == []
