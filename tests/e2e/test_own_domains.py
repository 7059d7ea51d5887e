"""authres_own_domains: mail of strangers in the site's own names needs a pass,
whatever these names publish."""
import json
import re

import message
from case import needs_authres

US = "mx.example"
OURS, PASSIVE, STRICT, EXCEPT = ("ours.example", "passive.example",
                                 "strict.example", "shop.ours.example")
EVIL, LIST, DEAD = "evil-own.example", "lists.ours-friend.example", "dead"
CLIENT, STRANGER = "192.0.2.71", "203.0.113.71"
FORWARDER_IP, FORWARDER = "198.51.100.71", "fw-own.example"
OWN = f"{OURS} {PASSIVE} {STRICT} !{EXCEPT}"
SETTINGS = {
    "authres_own_domains": OWN,
    "authres_trusted_lists": LIST,
    "authres_trusted_forwarders": f"{FORWARDER_IP}/32",
    "authres_temperror_wait": "0",
}
ZONE = "".join(message.RSA.record("s1", d) for d in
               (OURS, PASSIVE, EXCEPT, EVIL, LIST)) + f"""
{OURS}. TXT "v=spf1 ip4:{CLIENT} -all"
mail.{OURS}. TXT "v=spf1 ip4:{CLIENT} -all"
{PASSIVE}. TXT "v=spf1 ip4:{CLIENT} -all"
_dmarc.{PASSIVE}. TXT "v=DMARC1; p=none"
_dmarc.{STRICT}. TXT "v=DMARC1; p=reject"
{EXCEPT}. TXT "v=spf1 ip4:{STRANGER} -all"
{EVIL}. TXT "v=spf1 ip4:{STRANGER} -all"
{FORWARDER}. TXT "v=spf1 ip4:{FORWARDER_IP} -all"
{DEAD}.{OURS}. TXT SERVFAIL
"""
ZONE = ZONE.replace(" TXT SERVFAIL", " SERVFAIL")


class Names:
    """The zone, which a module has once."""

    def __init__(self, t):
        t.dns.add_zone(ZONE)

    def close(self):
        pass


def site(t, **settings):
    t.shared("names", lambda: Names(t))
    return t.dovecot(settings={**SETTINGS, **settings})


def mail(author, **options):
    return message.message(author, **options)


def from_outside(data, client=STRANGER, helo="out.example", *hops, **options):
    fields = [message.received(client, helo, **options)]
    fields += [message.received(ip, "out.example", by=by) for ip, by in hops]
    return "".join(f + "\r\n" for f in fields).encode() + data


def deliver(dovecot, data, mail_from, user=None):
    user = user or dovecot.user()
    mark = dovecot.mark()
    reply = dovecot.deliver(data, user, mail_from)
    assert reply.code == 250, reply
    return user, mark


def genuine_copy(author=f"boss@{OURS}"):
    """What somebody who once got a message of ours has."""
    return message.dkim_sign(mail(author), author.split("@")[1].strip(">"))


def forged_signature(data):
    return re.sub(rb"b=[A-Za-z0-9+/]{10}", b"b=AAAAAAAAAA", data, count=1)


def with_body(data, body=b"Pay this bill.\r\n"):
    return data.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n" + body


def attackers():
    """(what he copies, message behind our own Received field, MAIL FROM,
    HELO). None of them is logged in or has a pass."""
    us = f"boss@{OURS}"
    plain = mail(f"The Boss <{us}>")
    own_ar = f"Authentication-Results: {US}; dmarc=pass header.from={OURS}; " \
        f"auth=pass smtp.auth={us}\r\n"
    authenticated = message.received(CLIENT, "pc", with_="ESMTPSA") + "\r\n"
    local = message.received("127.0.0.1", "localhost") + "\r\n"
    stolen = genuine_copy()
    listed = mail(us, extra=[f"List-Id: <{LIST}>"])
    return (
        ("the name", plain, us, "pc.evil.example"),
        ("the name, and a pass of his own",
         message.dkim_sign(plain, EVIL), f"x@{EVIL}", EVIL),
        ("the null reverse-path and our HELO", plain, "", US),
        ("our HELO", plain, f"x@{EVIL}", OURS),
        ("a name below", mail(f"a@pay.{OURS}"), f"a@pay.{OURS}", "x"),
        ("capitals", mail(f"Boss@{OURS.upper()}"), f"x@{EVIL}", "x"),
        ("an encoded word", mail(f"=?utf-8?q?Boss?= <{us}>"), f"x@{EVIL}",
         "x"),
        ("a domain with p=none", mail(f"a@{PASSIVE}"), f"a@{PASSIVE}", "x"),
        ("below a domain with p=none", mail(f"a@b.{PASSIVE}"), f"x@{EVIL}",
         "x"),
        ("our field, with a pass", own_ar.encode() + plain, us, "x"),
        ("a Received field of a logged-in user",
         authenticated.encode() + plain, us, "x"),
        ("a Received field of our own host", local.encode() + plain, us, "x"),
        ("a signature of ours below another body", with_body(stolen), us, "x"),
        ("a signature of ours that he changed", forged_signature(stolen),
         f"x@{EVIL}", "x"),
        ("a signature of ours and another author",
         stolen.replace(b"boss@", b"pay@"), f"x@{EVIL}", "x"),
        ("the name of a list that we trust", listed, f"x@{EVIL}", "x"),
        ("that list's name, which he signs himself",
         message.dkim_sign(listed, EVIL, headers=("From", "List-Id")),
         f"x@{EVIL}", "x"),
        ("a pass of the name that is not ours",
         message.dkim_sign(plain, EXCEPT), f"x@{EXCEPT}", EXCEPT),
        ("a name that does not answer", plain, f"x@{DEAD}.{OURS}", "x"),
        ("two authors", mail(f"x@{EVIL}, {us}"), f"x@{EVIL}", "x"),
        ("two From fields", message.dkim_sign(
            mail(f"x@{EVIL}", extra=[f"From: {us}"]), EVIL), f"x@{EVIL}",
         "x"),
    )


def deliver_all(dovecot, cases):
    """cases: (what, data, mail_from), for one user."""
    user = dovecot.user()
    for _, data, mail_from in cases:
        deliver(dovecot, data, mail_from, user)
    return user


@needs_authres
def test_strangers_in_our_name_go_to_junk(t):
    dovecot = site(t)
    cases = [(what, from_outside(data, STRANGER, helo), mail_from)
             for what, data, mail_from, helo in attackers()]
    user = deliver_all(dovecot, cases)
    spared = [m.data for m in user.mails()]
    assert not spared, spared
    for (what, _, _), found in zip(cases, user.mails("Junk"), strict=True):
        assert found.keywords & {"$AuthFail", "$AuthTempError"}, what
        assert not found.keywords & {"$AuthPass", "$AuthOverride"}, what
        assert "policy.dmarc=quarantine" in found.authres, found.authres
        assert "our own domain" in found.authres, (what, found.authres)
    # through a forwarder that we trust, with a stolen signature
    data = message.received(FORWARDER_IP, FORWARDER) + "\r\n" + \
        message.received(STRANGER, "x", by=FORWARDER) + "\r\n"
    user, _ = deliver(dovecot, data.encode() + with_body(genuine_copy()),
                      f"x@{FORWARDER}")
    assert user.mails() == [] and user.only_mail("Junk")


@needs_authres
def test_who_has_a_pass_is_not_touched(t):
    dovecot = site(t)
    us = f"boss@{OURS}"
    plain = mail(us)
    data = message.received(FORWARDER_IP, FORWARDER) + "\r\n" + \
        message.received(CLIENT, "x", by=FORWARDER) + "\r\n"
    forwarded = data.encode() + with_body(genuine_copy(), b"Changed.\r\n")
    listed = mail(us, extra=[f"List-Id: <{LIST}>"])
    listed = message.dkim_sign(listed, LIST, headers=("From", "List-Id"))
    cases = (
        ("SPF", from_outside(plain, CLIENT), us, "dmarc=none"),
        ("SPF of a name below", from_outside(plain, CLIENT),
         f"x@mail.{OURS}", "dmarc=none"),
        ("a signature", from_outside(genuine_copy()), f"x@{EVIL}",
         "dmarc=none"),
        ("a signature, p=none",
         from_outside(genuine_copy(f"a@{PASSIVE}")), f"x@{EVIL}",
         "dmarc=pass"),
        ("a logged-in user", from_outside(plain, with_="ESMTPSA"), us,
         "auth=pass"),
        ("our own host", from_outside(plain, "127.0.0.1"), us,
         f"{US}; none"),
        ("a name that is not ours",
         from_outside(mail(f"a@{EXCEPT}")), f"x@{EVIL}", "dmarc=none"),
        ("somebody else", from_outside(mail(f"a@{EVIL}")), f"x@{EVIL}",
         "dmarc=none"),
        ("a list that we trust", from_outside(listed), f"x@{EVIL}",
         "override-reason=mailing_list"),
        ("a forwarder that we trust", forwarded, f"x@{FORWARDER}",
         "override-reason=trusted_forwarder"))
    user = deliver_all(dovecot, [case[:3] for case in cases])
    for (what, _, _, word), found in zip(cases, user.mails(), strict=True):
        assert word in found.authres, (what, found.authres)
        assert "$Junk" not in found.keywords, what
        assert ("$AuthOverride" in found.keywords) == ("override" in word)
    # a stricter policy of its own stands
    data = from_outside(mail(f"a@{STRICT}"))
    user, _ = deliver(dovecot, data, f"x@{EVIL}")
    assert "dmarc=fail (p=reject) " in user.only_mail("Junk").authres


@needs_authres
def test_log_list_and_explain_say_why(t):
    dovecot = site(t)
    for domain, comment in ((OURS, "our own domain"),
                            (PASSIVE, "p=none, our own domain")):
        data = from_outside(mail(f"a@{domain}"))
        user, mark = deliver(dovecot, data, f"x@{EVIL}")
        found = user.only_mail("Junk")
        assert f"dmarc=fail ({comment}) header.from={domain} " \
            "policy.dmarc=quarantine" in found.authres, found.authres
        dovecot.wait_log(re.escape("dmarc=fail p=quarantine(our own domain) "
                                   f"from={domain} "), since=mark)
        row, = doveadm(dovecot, "list", "-u", user.name)
        assert (row["policy"], row["author_domain"]) == ("quarantine", domain)
        assert row["reason"].startswith(f"{domain} is our own domain, "), row
        row, = doveadm(dovecot, "explain", "-u", user.name, "Junk", "1")
        assert f"{domain} is our own domain, and this server" in \
            row["explanation"], row


def doveadm(dovecot, *arguments, code=0):
    done = dovecot.doveadm("-f", "json", "authres", *arguments)
    assert done.returncode == code, (done.returncode, done.stderr)
    return json.loads(done.stdout or "[]")


@needs_authres
def test_user_settings_work_as_for_other_mail(t):
    dovecot = site(t)
    data = from_outside(mail(f"a@{OURS}"))
    for settings in ({"authres_mode": "tag"},
                     {"authres_quarantine_action": "keep"}):
        user, _ = deliver(dovecot, data, f"x@{EVIL}", dovecot.user(**settings))
        assert "$AuthFail" in user.only_mail().keywords
    user, _ = deliver(dovecot, data, f"x@{EVIL}",
                      dovecot.user(authres_reject_action="keep"))
    assert user.mails() == [] and user.only_mail("Junk")


@needs_authres
def test_allowance_works_as_for_other_mail(t):
    dovecot = site(t, authres_trusted_lists="")
    author = f"boss@{OURS}"

    def listed(signer, body):
        data = mail(author, body=body, extra=[f"List-Id: <{LIST}>"])
        return from_outside(message.dkim_sign(data, signer,
                                              headers=("From", "List-Id")))
    user = dovecot.user()
    dovecot.doveadm("authres", "allow", "add", "-u", user.name, author,
                    f"list:{LIST}", check=True)
    deliver(dovecot, listed(LIST, "1\r\n"), f"x@{EVIL}", user)
    assert "$AuthOverride" in user.only_mail().keywords
    deliver(dovecot, listed(EVIL, "2\r\n"), f"x@{EVIL}", user)
    assert b"2\r\n" in user.only_mail("Junk").data


@needs_authres
def test_impact_tells_before(t):
    before = site(t, authres_own_domains="")
    user = before.user()
    for data, mail_from in (
            (from_outside(mail(f"a@{OURS}")), f"x@{EVIL}"),
            (from_outside(mail(f"a@{OURS}"), CLIENT), f"a@{OURS}"),
            (from_outside(genuine_copy()), f"x@{EVIL}"),
            (from_outside(mail(f"a@{PASSIVE}")), f"x@{EVIL}"),
            (from_outside(mail(f"a@{EXCEPT}")), f"x@{EVIL}"),
            (from_outside(mail(f"a@{EVIL}")), f"x@{EVIL}"),
            (from_outside(mail(f"a@{OURS}"), with_="ESMTPSA"),
             f"a@{OURS}")):
        deliver(before, data, mail_from, user)
    assert len(user.mails()) == 7
    rows = doveadm(before, "impact", "-u", user.name)
    assert [int(row["messages"]) for row in rows] == [0], rows
    rows = doveadm(before, "impact", "-u", user.name, "--own-domains", OWN)
    assert [(row["author_domain"], int(row["messages"])) for row in rows] == \
        [(OURS, 1), (PASSIVE, 1), ("", 2)], rows
    assert all(row["reason"].startswith("own domain p=quarantine ")
               for row in rows[:-1]), rows
    doveadm(before, "impact", "-u", user.name, "--own-domains", "*.x.example",
            code=64)


@needs_authres
def test_config_tells_who_can_write_in_our_names(t):
    names = [OURS, PASSIVE, STRICT]
    for own, arguments, states in (
            ("", (), []),
            ("", ("--own-domains", " ".join(names)), ["info", "info", "ok"]),
            (OWN, (), ["ok"] * 3)):
        dovecot = site(t, authres_own_domains=own)
        found = [row for row in doveadm(dovecot, "config", *arguments)
                 if row["topic"] == "our own names"]
        assert [row["state"] for row in found] == states, found
        assert not found or [row["value"] for row in found] == names, found
        assert ("--own-domains " + OURS in str(found)) == \
            (arguments != ()), found
    doveadm(dovecot, "config", "--own-domains", "a@b.example", code=64)
