"""From as a forger writes it, so that a mail client shows an author of
bank.example (p=reject) while a reader of ours gives up, reads another domain or
reads none: every form goes to Junk. And From as honest programs write it: INBOX.
"""
import base64

import message
import sandbox
from case import needs_authres, time_limit
from dns_server import DnsServer

BANK_CLIENT, STRANGER = "192.0.2.41", "203.0.113.66"
ZONE = f"""
bank.example. TXT "v=spf1 ip4:{BANK_CLIENT} -all"
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
xn--bcher-kva.example. TXT "v=spf1 ip4:{BANK_CLIENT} -all"
_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=reject"
list.example. TXT "v=spf1 ip4:{BANK_CLIENT} -all"
_dmarc.list.example. TXT "v=DMARC1; p=reject"
evil.example. TXT "v=spf1 ip4:{STRANGER} -all"
_dmarc.evil.example. TXT "v=DMARC1; p=none"
"""


def b64(text, charset="utf-8", encoding=None):
    data = text.encode(encoding or charset)
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(data))


def utf8(text):
    return ("From: " + text).encode()


def many(pattern, count):
    return b", ".join(pattern % i for i in range(count))


BANK = b"ceo@bank.example"
EVIL = b"x@evil.example"

# characters and bytes that nobody sees, in the domain
INVISIBLE = {name: data.encode() for name, data in {
    "soft hyphen": "\u00ad", "combining grapheme joiner": "\u034f",
    "arabic letter mark": "\u061c", "hangul choseong filler": "\u115f",
    "hangul jungseong filler": "\u1160", "khmer vowel": "\u17b4",
    "mongolian vowel separator": "\u180e", "zero width space": "\u200b",
    "zero width non-joiner": "\u200c", "zero width joiner": "\u200d",
    "left-to-right mark": "\u200e", "line separator": "\u2028",
    "bidi embedding": "\u202a", "bidi override": "\u202e",
    "no-break space": "\u00a0", "ideographic space": "\u3000",
    "word joiner": "\u2060", "invisible times": "\u2062",
    "bidi isolate": "\u2066", "end of isolate": "\u2069",
    "hangul filler": "\u3164", "half-width hangul filler": "\uffa0",
    "variation selector": "\ufe0f", "byte order mark": "\ufeff",
    "annotation": "\ufff9", "private use": "\ue000",
    "private use, plane 16": "\U00100000", "not assigned": "\u0378",
    "tag": "\U000e0061", "variation selector, plane 14": "\U000e0100",
    "C1": "\u0085", "braille blank": "\u2800", "snowman": "\u2603",
    "NUL": "\0", "SOH": "\x01", "ESC": "\x1b", "DEL": "\x7f", "VT": "\v",
    "bare CR": "\r"}.items()}
INVISIBLE.update({"not UTF-8": b"\xff", "half of UTF-8": b"\xc3",
                  "overlong": b"\xc0\xae"})

ATTACKS = [
    # as it is, RFC 5322 section 3.4
    b"From: " + BANK,
    b"From: Boss <CEO@Bank.Example>",
    utf8("Boss <c\u00e9o@bank.example>"),
    utf8("Boss <ceo\u200b@bank.example>"),
    b"From: ceo@bank.example.",
    b"From: ceo@bank.example..",
    b"From: ceo@.bank.example",
    b"From: ceo@bank..example",
    b"From: <@relay.example,@bank.example:x@evil.example>",
    b"From: <@evil.example:ceo@bank.example>",
    b"From: Team: ceo@bank.example;",
    b"From: ceo@bank.example: x@evil.example;",
    b"From: ceo @ bank . example",
    b"From: ceo@(x)bank(y).(z)example",
    b"From: <ceo@ba nk.example>",
    b"From: ceo@ba nk.example",
    b"From: ceo@bank\r\n .example",
    b"From: \"ceo\"@bank.example, x@evil.example",
    # which of several
    b"From: ceo@bank.example, x@evil.example",
    b"From: x@evil.example, ceo@bank.example",
    b"From: ceo@bank.example <x@evil.example>",
    b"From: x@evil.example <ceo@bank.example>",
    b"From: <ceo@bank.example> <x@evil.example>",
    b"From: <x@evil.example> <ceo@bank.example>",
    b"From: <x@evil.example> ceo@bank.example",
    b"From: ceo@bank.example x@evil.example",
    b"From: ceo@bank.example; x@evil.example",
    b"From: <ceo@bank.example@evil.example>",
    b"From: <x@evil.example@bank.example>",
    b"From: <ceo@bank.example, x@evil.example>",
    b"From: <<ceo@bank.example>",
    b"From: A <ceo@bank.example",
    b"From: A ceo@bank.example>",
    b"From: \"A <ceo@bank.example>",
    b"From: (A <ceo@bank.example>",
    b"From: A\\\" <ceo@bank.example>",
    b"From: x@evil.example\r\nFrom: ceo@bank.example",
    b"From: ceo@bank.example\r\nFrom: x@evil.example",
    b"Subject: x\rFrom: ceo@bank.example\r\nFrom: x@evil.example",
    b"From\x01: ceo@bank.example\r\nFrom: x@evil.example",
    b"Fr\0om: ceo@bank.example\r\nFrom: x@evil.example",
    b"From: x@evil.example\r\nFrom : ceo@bank.example",
    # the domain damaged otherwise
    utf8("ceo@bank\u3002example"), utf8("ceo@bank\uff0eexample"),
    utf8("ceo@bank\uff61example"), utf8("ceo@bank\u2024example"),
    utf8("ceo@bank\ufe52example"), utf8("ceo@\uff42ank.example"),
    utf8("ceo@\u24d1ank.example"),
    utf8("<ceo@bank.example\uff1e <x@evil.example>"),
    utf8("x@evil.example\uff20bank.example"),
    utf8("ceo\uff20bank.example"), utf8("ceo\ufe6bbank.example"),
    utf8("\uff1cceo\uff20bank\uff0eexample\uff1e"),
    b"From: ceo%40bank.example", b"From: ceo@bank%2Eexample",
    b"From: ceo@bank.example/x", b"From: ceo@bank.example%x@evil.example",
    b"From: ceo@[bank.example]", b"From: ceo@\"bank.example\"",
    b"From: ceo@bank\\.example", b"From: ceo@xn--bank-.example",
    utf8("ceo@b\u00fccher.example"), b"From: ceo@xn--bcher-kva.example",
    utf8("ceo@B\u00dcCHER.example"), utf8("ceo@bu\u0308cher.example"),
    utf8("ceo@b\u00fc\u200bcher\u3002example"),
    # nothing can be read
    b"From: ceo@\xff\xfe", utf8("ceo@\u2603"), b"From: ceo@\x01",
    b"From: ceo@\xff\xfe, x@evil.example",
    # encoded words, RFC 2047
    b"From: " + b64("ceo@bank.example"),
    b"From: =?utf-8?Q?ceo=40bank.example?=",
    b"From: " + b64("CEO <ceo@bank.example>"),
    b"From: " + b64("CEO <ceo@bank.example>") + b" <x@evil.example>",
    b"From: " + b64("CEO <ceo@bank.example>") + b"<x@evil.example>",
    b"From: " + b64("<ceo@bank.example>") + b" x@evil.example",
    b"From: " + b64("ceo@bank.example") + b" x@evil.example",
    b"From: x@evil.example " + b64("ceo@bank.example"),
    b"From: " + b64("ceo@bank.example") + b", x@evil.example",
    b"From: x@evil.example, " + b64("ceo@bank.example"),
    b"From: " + b64("ceo@bank.example,") + b" <x@evil.example>",
    b"From: " + b64("ceo@bank.example") + b": x@evil.example;",
    b"From: " + b64("ceo@bank.example") + b"@evil.example",
    b"From: <" + b64("ceo@bank.example") + b"> <x@evil.example>",
    b"From: \"" + b64('CEO" <ceo@bank.example> "') + b"\" <x@evil.example>",
    b"From: ceo@" + b64("bank.example"),
    b"From: ceo@" + b64("bank.example") + b" <x@evil.example>",
    b"From: <ceo@" + b64("b\u00fccher", "iso-8859-1") + b".example>",
    b"From: <ceo@=?utf-8?Q?bank .example?=>",
    b"From: " + b64("CEO <ceo@ba") + b" " + b64("nk.example>") +
    b" <x@evil.example>",
    b"From: " + b64("CEO <ceo@ba") + b64("nk.example>") + b" <x@evil.example>",
    b"From: =?utf-8?B?PGNlb0BiYW5?= =?utf-8?B?rLmV4YW1wbGU+?="
    b" <x@evil.example>",
    b"From: " + b64(b64("CEO <ceo@bank.example>").decode()) +
    b" <x@evil.example>",
    b"From: " + b64("CEO <ceo@ba\u202enk.example>") + b" <x@evil.example>",
    b"From: =?utf-8*en?Q?CEO_=3Cceo=40bank.example=3E?= <x@evil.example>",
    b"From: =?koi8-r?Q?CEO_=3Cceo=40bank.example=3E?= <x@evil.example>",
    b"From: =?utf-8?Q?CEO <ceo@bank.example>",
    b"From: " + b64("<ceo@bank.example>", "utf-16le"),
    b"From: " + b64("<ceo@bank.example>", "utf-16"),
    b"From: " + b64("<ceo@bank.example>", "utf-32be") + b" <x@evil.example>",
    b"From: =?utf-7?Q?+ADw-ceo+AEA-bank.example+AD4-?= <x@evil.example>",
    b"From: " + b64("ceo@bank.example", "ibm037", "cp037"),
    b"From: " + b64("ceo@bank.example", "ibm1140", "cp1140") +
    b", x@evil.example",
    b"From: " + b64("ceo\uff20bank.example"),
    b"From: =?iso-2022-jp?B?" +
    base64.b64encode(b"\x1b$B;3\x1b(B ceo@bank.example") + b"?=",
    # shown where there is no address
    b"From: \"ceo@bank.example\"", b"From: \"ceo@bank.example\" <>",
    b"From: \"ceo@bank.example\" <x>", b"From: (ceo@bank.example)",
    b"From: \"ceo@bank.example\", x@evil.example",
    b"From: \"ceo@bank.example\" <x@[203.0.113.66]>",
    # more than is evaluated
    b"From: " + many(b"x@evil%d.example", 9) + b", ceo@bank.example",
    b"From: ceo@bank.example, " + many(b"x@evil%d.example", 9),
    b"From: " + many(b"x@evil%d.example", 5) + b", ceo@bank.example, " +
    many(b"y@evil%d.example", 5) + b", x@evil9.example",
    b"From: " + many(b"x%d@evil.example", 150) + b", ceo@bank.example",
    b"From: ceo@bank.example, " + many(b"x%d@evil.example", 150),
    b"From: x@evil.example, " + b"\"a\" " * 10000 + b"<ceo@bank.example>, " +
    b"\"a\" " * 10000 + b"y@evil.example",
    b"From: x@evil.example\r\n" * 8 + b"From: ceo@bank.example\r\n" +
    b"\r\n".join([b"From: x@evil.example"] * 8),
    b"X: y\r\n" * 1000 + b"From: x@evil.example\r\n" * 8 +
    b"From: ceo@bank.example\r\n" + b"\r\n".join([b"From: x@evil.example"] * 2),
    b"X: y\r\n" * 1000 + b"Y: z\rFrom: ceo@bank.example\r\n"
    b"From: x@evil.example",
]
for _char in INVISIBLE.values():
    ATTACKS += [b"From: CEO <ceo@ba" + _char + b"nk.example>",
                b"From: ceo@bank.example" + _char,
                b"From: ceo@" + _char + b"bank.example, x@evil.example"]
# up to the first of it
ATTACKS += [b"From: ceo@bank.example" + c + b".evil.example"
            for c in (b"\0", b"\x01", b"\xff", b"\xe2\x80\xae")]

# their mail passes, all of it
HONEST = [
    b"From: ceo@bank.example",
    b"From: CEO <ceo@bank.example>",
    b"From: \"Boss, Big\" <ceo@bank.example>",
    b"From: Boss, Big <ceo@bank.example>",
    b"From: ceo@bank.example (Big Boss)",
    b"From: ceo@bank.example (ann@victim.example)",
    b"From: \"ceo@bank.example\" <ceo@bank.example>",
    b"From: ceo@bank.example <ceo@bank.example>",
    b"From: 'ceo@bank.example' <ceo@bank.example>",
    b"From: \"ann@list.example via Desk\" <desk@bank.example>",
    b"From: \"Ann <ann@list.example>\" <desk@bank.example>",
    b"From: Big [Boss] :) <ceo@bank.example>",
    b"From: Team: ceo@bank.example, cfo@bank.example;",
    b"From: ceo@bank.example, cfo@bank.example",
    b"From:ceo@bank.example",
    b"From:\r\n Boss\r\n\t<ceo@bank.example>",
    b"From: J\xf6rg <ceo@bank.example>",
    utf8("J\u00f6rg <j\u00f6rg@bank.example>"),
    utf8("\u7530\u4e2d\uff20\u55b6\u696d\u90e8 <tanaka@bank.example>"),
    utf8("<j@b\u00fccher.example>"),
    b"From: <j@xn--bcher-kva.example>",
    b"From: " + b64("ann@list.example via Listen\u00fc") +
    b" <desk@bank.example>",
    b"From: " + b64("ann@victim.example") + b" <desk@bank.example>",
    b"From: \"" + b64("ann@victim.example") + b"\" <desk@bank.example>",
    b"From: " + b64("M\u00fcller, J\u00f6rg (j@victim.example)") +
    b" <j@bank.example>",
    b"From: " + b64("M\u00fcller") + b", " + b64("J\u00f6rg") +
    b" <j@bank.example>",
    b"From: " + b64("J\u00f6rg <j@bank.example>") + b" <j@bank.example>",
    b"From: " + b64("I <3 you @ home") + b" <j@bank.example>",
    b"From: j@bank.example (" + b64("J\u00f6rg") + b")",
    b"From: " + b64("\u7530\u4e2d@\u55b6\u696d\u90e8") +
    b" <tanaka@bank.example>",
    b"From: " + b64("\u5c71\u7530\uff20\u5165\u51fa\u529b",
                    "iso-2022-jp") + b" <yamada@bank.example>",
    b"From: " + b64("\u30a1\u30bd\u8868", "shift_jis") +
    b" <yamada@bank.example>",
    b"From: " + b64("\u738b\u4e02\u4e04", "gbk") + b" <wang@bank.example>",
    b"From: " + b64("\u8a31\u529f\u84cb", "big5") + b" <hsu@bank.example>",
    b"From: " + b64("\u0418\u0432\u0430\u043d ivan@bank.example", "koi8-r") +
    b" <ivan@bank.example>",
    b"From: " + b64("\U0001f469\u200d\U0001f4bb \u2764\ufe0f") +
    b" <ann@bank.example>",
]
# nobody is named: no policy to fail, RFC 9989 section 5.3.1
NOBODY = [b"X: y", b"From:", b"From: Big Boss", b"From: <>",
          b"From: undisclosed-recipients:;", b"From: root@(none)",
          b"From: " + b64("B\u00f6ss @ home"), b"From: x@[192.0.2.1]"]


def dovecot_with_zone(t):
    return t.dovecot(dns=t.shared("zone", lambda: DnsServer(
        sandbox.temporary_directory("dns"),
        ZONE + message.RSA.record("s1", "list.example"))))


def deliver_all(t, forms, client, mail_from):
    """One recipient, one connection, a subject with a number. Returns the
    user."""
    dovecot = dovecot_with_zone(t)
    user = dovecot.user()
    mark = dovecot.mark("error")
    with dovecot.lmtp() as session:
        for number, form in enumerate(forms):
            data = message.received(client, "out.example").encode() + \
                b"\r\n" + form + b"\r\nSubject: form %d\r\n\r\nx\r\n" % number
            replies = session.deliver(mail_from, user.address, data)
            assert replies[0].code == 250, (form[:200], replies)
    errors = [line for line in dovecot.log_lines("error")[mark:]
              if "Error:" in line]
    assert not errors, errors
    return user


def found(user, mailbox):
    """{number of the form: mail}"""
    return {int(mail.data.rpartition(b"\r\nSubject: form ")[2].split()[0]):
            mail for mail in user.mails(mailbox)}


def assert_where(forms, user, right, wrong):
    lost = [forms[n][:100] for n in sorted(found(user, wrong))]
    assert not lost, (wrong, lost)
    mails = found(user, right)
    assert len(mails) == len(forms), (len(mails), len(forms))
    return mails


@needs_authres
@time_limit(180)
def test_attacks(t):
    user = deliver_all(t, ATTACKS, STRANGER, "x@evil.example")
    mails = assert_where(ATTACKS, user, "Junk", "INBOX")
    for number, mail in mails.items():
        form = ATTACKS[number][:100]
        assert mail.keywords >= {"$AuthFail", "$Junk"}, (form, mail.flags)
        assert "verifier" not in mail.authres, (form, mail.authres)


@needs_authres
@time_limit(120)
def test_honest(t):
    for domain in ("bank.example", "xn--bcher-kva.example"):
        forms = [f for f in HONEST if (b"cher" in f) ==
                 (domain != "bank.example")]
        user = deliver_all(t, forms, BANK_CLIENT, "a@" + domain)
        mails = assert_where(forms, user, "INBOX", "Junk")
        for number, mail in mails.items():
            assert "$AuthPass" in mail.keywords, \
                (forms[number], mail.authres)


@needs_authres
def test_two_authors(t):
    """Legal, RFC 5322 section 3.6.2: each of them has to be proven."""
    dovecot = dovecot_with_zone(t)
    data = message.message("ceo@bank.example, ann@list.example")
    for data, mailbox in ((data, "Junk"),
                          (message.dkim_sign(data, "list.example"), "INBOX")):
        user = dovecot.user()
        data = message.received(BANK_CLIENT, "out.example").encode() + \
            b"\r\n" + data
        assert dovecot.deliver(data, user, "a@bank.example").code == 250
        user.only_mail(mailbox)


@needs_authres
def test_nobody(t):
    user = deliver_all(t, NOBODY, STRANGER, "x@evil.example")
    for number, mail in assert_where(NOBODY, user, "INBOX", "Junk").items():
        assert "dmarc=permerror" in mail.authres, (NOBODY[number], mail.authres)


@needs_authres
def test_reason_is_told(t):
    """What nobody can read is called so by field, log and explain."""
    form = b"From: ceo@\xff\xfe"
    user = deliver_all(t, [form], STRANGER, "x@evil.example")
    mail = user.only_mail("Junk")
    assert "dmarc=permerror" in mail.authres, mail.authres
    assert "policy.dmarc=quarantine" in mail.authres, mail.authres
    told = user.dovecot.doveadm("authres", "explain", "-u", user.name, "Junk",
                               "1", check=True).stdout
    assert "may hide another author" in told, told
