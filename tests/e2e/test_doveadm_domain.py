"""doveadm authres domain: what others see of a domain, offline."""
import json
import os

import message
from case import needs_authres, time_limit

SMALL = message.Key(bits=1024)
ZONE = message.RSA.record("s1", "good.example") + \
    message.ED25519.record("ed", "good.example") + \
    SMALL.record("small", "good.example") + r"""
$ORIGIN good.example.
@            TXT "v=spf1 mx a:web.good.example include:_spf.good.example -all"
@            MX 10 mx.good.example.
mx           A 192.0.2.1
web          AAAA 2001:db8::7
_spf         TXT "v=spf1 ip4:192.0.2.64/26 ~all"
_dmarc       TXT "v=DMARC1; p=reject; rua=mailto:d@good.example,mailto:x@reader.example,mailto:y@refuses.example,http://x"
revoked._domainkey TXT "v=DKIM1; p="
broken._domainkey  TXT "v=DKIM1; k=dsa; p=AAAA"
old._domainkey     TXT "g=*; k=rsa; p="
$ORIGIN reader.example.
@            MX 10 mx.good.example.
good.example._report._dmarc TXT "v=DMARC1"
$ORIGIN none.example.
@            TXT "v=spf1 ip4:192.0.2.0/24 ?all"
_dmarc       TXT "v=DMARC1; p=none"
$ORIGIN testing.example.
@            MX 10 mx.good.example.
_dmarc       TXT "v=DMARC1; p=quarantine; t=y; rua=mailto:a@testing.example"
$ORIGIN below.example.
@            MX 10 mx.good.example.
@            TXT "v=spf1 -all"
_dmarc       TXT "v=DMARC1; p=quarantine; sp=none; rua=mailto:a@below.example"
$ORIGIN madeup.example.
@            MX 10 mx.good.example.
_dmarc       TXT "v=DMARC1; p=reject; np=none; rua=mailto:a@madeup.example"
$ORIGIN open.example.
@            MX 10 mx.good.example.
@            TXT "v=spf1 include:all.open.example -all"
all          TXT "v=spf1 +all"
_dmarc       TXT "v=DMARC1; p=reject; rua=mailto:a@open.example"
$ORIGIN exists.example.
@            TXT "v=spf1 exists:mx.good.example -all"
_dmarc       TXT "v=DMARC1; p=reject"
$ORIGIN notopen.example.
@            MX 10 mx.good.example.
@            TXT "v=spf1 ?include:all.open.example -all"
_dmarc       TXT "v=DMARC1; p=reject; rua=mailto:a@notopen.example"
$ORIGIN typo.example.
@            TXT "v=spf1 ip4:192.0.2.1 ipv4:192.0.2.2 -all"
_dmarc       TXT "p=reject; v=DMARC1"
$ORIGIN twice.example.
@            TXT "v=spf1 -all"
@            TXT "v=spf1 ~all"
_dmarc       TXT "v=DMARC1; p=reject"
_dmarc       TXT "v=DMARC1; p=none"
$ORIGIN many.example.
@            TXT "v=spf1 a:0.many.example a:1.many.example a:2.many.example a:3.many.example a:4.many.example include:more.many.example -all"
more         TXT "v=spf1 a:0.many.example a:1.many.example a:2.many.example a:3.many.example a:4.many.example a:0.many.example -all"
0            A 192.0.2.1
1            A 192.0.2.1
2            A 192.0.2.1
3            A 192.0.2.1
4            A 192.0.2.1
$ORIGIN void.example.
@            TXT "v=spf1 a:a.void.example a:b.void.example a:c.void.example a:d.void.example -all"
$ORIGIN loop.example.
@            TXT "v=spf1 include:loop.example -all"
$ORIGIN moved.example.
@            TXT "v=spf1 ip4:192.0.2.9 redirect=none.example"
$ORIGIN odd.example.
@            TXT "v=spf1 ptr exists:%{i}.odd.example include:missing.example ip4:10.0.0.0/8 -all ip4:192.0.2.1"
$ORIGIN slow.example.
@            MX 10 mx.good.example.
@            TXT "v=spf1 include:dead.slow.example -all"
dead         SERVFAIL
_dmarc       TXT "v=DMARC1; p=reject; rua=mailto:a@slow.example"
$ORIGIN hostile.example.
@            TXT "v=spf1 ip4:192.0.2.1\010\027[31m -all"
_dmarc       TXT "v=DMARC1; p=reject; x=\009\027[31m\010END"
"""

# domain, exit code, state of the forger row, what is said somewhere, as
# "state topic: value: explanation" in part
CASES = (
    ("good.example", 78, "ok",
     ("at most 3 of 10 questions, with 0 of 2 void",
      "the mail servers of good.example may send: mx.good.example",
      "web.good.example may send: 2001:db8::7",
      "ok spf:   ip4:192.0.2.64/26: 192.0.2.64/26 may send", "all other hosts may not send",
      "d@good.example: gets reports", "x@reader.example: gets reports",
      "error reports: y@refuses.example: gets no reports",
      "error reports: rua: http://x", "keys cannot be listed",
      "is refused where receivers check")),
    ("none.example", 78, "error",
     ("nothing is said", "p=none asks receivers for nothing",
      "write as anybody", "no usable rua=")),
    ("norecord.example", 78, "error",
     ("no SPF record", "there is no DMARC record")),
    ("testing.example", 78, "error", ("its policy is only tested (t=y)",)),
    ("below.example", 0, "warning", ("goes to Junk, but all names below",)),
    ("madeup.example", 0, "warning", ("is refused, but names below it that",)),
    ("x.below.example", 78, "error", ("sp=none asks receivers",)),
    ("open.example", 78, "error", ("from any host, and passes",)),
    ("exists.example", 78, "error", ("every host there is may send",)),
    ("notopen.example", 0, "ok", ("is refused where receivers check",)),
    ("typo.example", 78, "error",
     ("in term 2, character 22", "v=DMARC1 does not come first")),
    ("twice.example", 78, "error",
     ("2 SPF records", "several records: none counts")),
    ("many.example", 78, "error", ("this is question 11",)),
    ("void.example", 78, "error",
     ("a.void.example has no address (void lookup 1 of 2)",
      "void lookup 3: a receiver ends")),
    ("loop.example", 78, "error", ("this is question 11",)),
    ("moved.example", 78, "error",
     ("none.example decides about all other hosts", "192.0.2.0/24 may send")),
    ("odd.example", 78, "error",
     ("reverse name", "DNS decides for each message",
      "whoever includes it ends", "strangers in it", "behind all")),
    ("slow.example", 75, "info", ("DNS gives no answer for dead.slow",
                                  "is not known now")),
    ("hostile.example", 78, "ok", ("the record is broken in term 1",)),
)


def run(t, *arguments, form="json"):
    path = os.path.join(t.directory("domain"), "zone")
    with open(path, "w", encoding="utf-8") as f:
        f.write(ZONE)
    dovecot = t.dovecot()
    return dovecot.doveadm("-f", form, "authres", "domain", "--zone", path,
                           *arguments)


@needs_authres
@time_limit(180)
def test_what_others_see(t):
    for domain, code, forger, facts in CASES:
        done = run(t, domain)
        assert done.stderr == "", (domain, done.stderr)
        assert done.returncode == code, (domain, done.stdout)
        rows = json.loads(done.stdout)
        assert all(list(row) == ["state", "topic", "value", "explanation"]
                   for row in rows), rows
        assert [row["state"] for row in rows if row["topic"] == "forger"] == \
            [forger] and rows[-1]["topic"] == "forger", (domain, rows)
        said = "\n".join(f"{row['state']} {row['topic']}: {row['value']}: "
                         f"{row['explanation']}" for row in rows)
        for fact in facts:
            assert fact in said, (domain, fact, said)
        assert "\x1b" not in said and "\t" not in said, said


@needs_authres
def test_keys_and_client(t):
    done = run(t, "--selector", "s1,ed,small,revoked,broken,old,missing",
               "--ip", "192.0.2.65", "good.example")
    rows = json.loads(done.stdout)
    keys = [(row["state"], row["value"].split(".")[0], row["explanation"])
            for row in rows if row["topic"] == "dkim"]
    expected = (("ok", "s1", "2048-bit rsa"), ("info", "ed", "ed25519"),
                ("warning", "small", "1024-bit rsa"),
                ("info", "revoked", "revoked"),
                ("error", "broken", "unknown key type"),
                ("info", "old", "revoked"),
                ("error", "missing", "there is no key"))
    assert len(keys) == len(expected), keys
    for (state, name, text), found in zip(expected, keys):
        assert found[:2] == (state, name) and text in found[2], (name, keys)
    client, = [row for row in rows if row["topic"] == "spf client"]
    assert client["explanation"] == "pass by include:_spf.good.example in " \
        "good.example; 3 questions, 1 void lookups", client
    assert done.returncode == 78


@needs_authres
def test_wrong_use(t):
    for arguments in ((), ("a@b.example",),
                      ("--ip", "1.2.3.x", "good.example")):
        assert run(t, *arguments).returncode == 64, arguments
    for form in ("table", "flow"):
        done = run(t, "below.example", form=form)
        assert done.returncode == 0 and "forger" in done.stdout, form
    dovecot = t.dovecot()
    done = dovecot.doveadm("authres", "domain", "--zone", "/none",
                           "good.example")
    assert done.returncode == 65 and "/none" in done.stderr, done.stderr
