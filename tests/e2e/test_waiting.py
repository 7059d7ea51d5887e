"""Names that a forger chooses since they do not answer: where the policy is
known the message waits at the MTA, then goes to Junk, and never to INBOX."""
import itertools
import re

import message
from case import needs_authres, time_limit
from dovecot import wait_for

HOUR = 3600
CLIENT = "203.0.113.9"
IDS = (f"w{number}" for number in itertools.count(1))


def site(t, policy="reject"):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n'
                   f'dead.{domain}. SERVFAIL\n'
                   f'_dmarc.dead.{domain}. SERVFAIL\n'
                   f's1._domainkey.{domain}. SERVFAIL\n')
    return domain


def mail(author, age=60, by="mx.example", client=CLIENT, signed=None, **more):
    data = message.message(author, **more)
    if signed is not None:
        data = message.dkim_sign(data, signed)
    field = message.received(client, "out.example", by=by, age=age,
                             id=next(IDS))
    return (field + "\r\n").encode() + data


def deliver(dovecot, data, users, mail_from):
    users = users if isinstance(users, list) else [users]
    return [r.code for r in dovecot.deliver(data, users, mail_from)]


def shown(user):
    """Where its one message is, and what it says."""
    found, mailbox = user.wait_mail()
    assert "dmarc=temperror" in found.authres, found.authres
    assert "$AuthTempError" in found.keywords, found.flags
    return mailbox, "$Junk" in found.keywords


@needs_authres
def test_the_forger_chooses_a_dead_name(t):
    """MAIL FROM, HELO, a selector, a subdomain in From: all wait, all end in
    Junk."""
    dovecot = t.dovecot()
    domain = site(t)
    cases = (
        ("MAIL FROM", f"ceo@{domain}", f"x@dead.{domain}", {}),
        ("selector", f"ceo@{domain}", "x@evil.example", {"signed": domain}),
        ("From", f"ceo@dead.{domain}", "x@evil.example", {}),
    )
    for name, author, mail_from, options in cases:
        user = dovecot.user()
        assert deliver(dovecot, mail(author, **options), user,
                       mail_from) == [451], name
        assert user.files() == [], name
        old = mail(author, age=5 * HOUR, **options)
        assert deliver(dovecot, old, user, mail_from) == [250], name
        assert shown(user) == ("Junk", True), name
        done = dovecot.lda(mail(author, **options), dovecot.user(), mail_from)
        assert done.returncode == 75, (name, done)
        done = dovecot.lda(old, dovecot.user(), mail_from)
        assert done.returncode == 0, (name, done)
    assert dovecot.sent_mails() == []


@needs_authres
def test_an_outage_ends(t):
    """An honest message waits, and is delivered when its key is there."""
    dovecot = t.own_dovecot(settings={"authres_timeout": "2s"})
    domain = t.domain()
    key = f"s1._domainkey.{domain}"
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    user = dovecot.user()
    data = mail(f"a@{domain}", signed=domain)
    t.dns.set_delay(60000, key)
    assert deliver(dovecot, data, user, f"a@{domain}") == [451]
    assert user.files() == []
    t.dns.set_delay(0, key)
    # silent names are remembered for a minute, by a process
    dovecot.signal("authres")
    wait_for(lambda: deliver(dovecot, data, user, f"a@{domain}") == [250],
             "the MTA's next attempt")
    assert "$AuthPass" in user.only_mail().keywords


@needs_authres
def test_each_recipient_has_an_answer(t):
    """One transaction, six users: who does not want to wait does not."""
    dovecot = t.dovecot()
    domain = site(t)
    users = [dovecot.user(), dovecot.user(authres_mode="tag"),
             dovecot.user(authres_mode="off"),
             dovecot.user(authres_reject_action="keep"),
             dovecot.user(authres_temperror_action="junk"),
             dovecot.user(authres_temperror_action="keep")]
    codes = deliver(dovecot, mail(f"ceo@{domain}"), users, f"x@dead.{domain}")
    assert codes == [451, 250, 250, 250, 250, 250], codes
    assert users[0].files() == []
    for user, mailbox in zip(users[1:], ("INBOX", "INBOX", "INBOX", "Junk",
                                         "INBOX")):
        user.only_mail(mailbox)
    # the MTA comes again for the one, as late as it likes
    codes = deliver(dovecot, mail(f"ceo@{domain}", age=4 * HOUR + 60),
                    users[0], f"x@dead.{domain}")
    assert codes == [250] and shown(users[0]) == ("Junk", True)


@needs_authres
def test_no_time_and_no_client(t):
    """Where the time is not known, or nobody's, nothing waits for ever; where
    policy or client are not known, nothing waits at all."""
    dovecot = t.dovecot()
    domain, mild = site(t), site(t, "none")
    unknown = t.domain()
    t.dns.add_zone(f"_dmarc.{unknown}. SERVFAIL\n")
    for name, author, options, expected in (
            ("future", domain, {"age": -HOUR}, ("Junk", True)),
            ("clock ahead", domain, {"age": -120}, None),
            ("just in time", domain, {"age": 4 * HOUR - 60}, None),
            ("too late", domain, {"age": 4 * HOUR}, ("Junk", True)),
            ("p=none", mild, {}, ("INBOX", False)),
            ("no policy known", unknown, {}, ("INBOX", False)),
            ("no client", domain, {"by": "stranger.example"},
             ("INBOX", False))):
        user = dovecot.user()
        codes = deliver(dovecot, mail(f"ceo@{author}", **options), user,
                        f"x@dead.{author}")
        if expected is None:
            assert codes == [451], (name, codes)
        else:
            assert codes == [250], (name, codes)
            assert shown(user) == expected, name
    log = "\n".join(dovecot.log_lines())
    assert re.search(r"dmarc=temperror.* p=reject .*-> deferred", log)
    assert re.search(r"dmarc=temperror.* p=reject .*-> Junk", log)


@needs_authres
def test_explained(t):
    dovecot = t.dovecot()
    domain = site(t)
    user = dovecot.user()
    deliver(dovecot, mail(f"ceo@{domain}", age=9 * HOUR), user,
            f"x@dead.{domain}")
    assert shown(user) == ("Junk", True)
    text = dovecot.doveadm("authres", "explain", "-u", user.name, "Junk", "1",
                           check=True).stdout
    assert "not known whether" in text and "to reject" in text, text
    assert "because of the policy" in text, text
    rows = dovecot.doveadm("-f", "tab", "authres", "list", "-u", user.name,
                           check=True).stdout
    assert f"\t{domain}\t" in rows and "\treject\t" in rows, rows
    rows = dovecot.doveadm("-f", "tab", "authres", "impact", "-u", user.name,
                           check=True).stdout
    assert "dmarc=temperror" in rows and "tempfail" in rows, rows


@needs_authres
@time_limit(120)
def test_a_thousand_an_hour(t):
    """Of the whole host, not of each process; a message that comes again is
    not counted again."""
    dovecot = t.own_dovecot()
    domain = site(t)
    user = dovecot.user(authres_log="none")
    sender = f"x@dead.{domain}"
    first = mail(f"ceo@{domain}")
    with dovecot.lmtp() as session:
        for number in range(1000):
            data = first if number == 0 else mail(f"ceo@{domain}")
            reply, = session.deliver(sender, user.address, data)
            assert reply.code == 451, (number, reply)
    assert deliver(dovecot, mail(f"ceo@{domain}"), user, sender) == [250]
    assert shown(user) == ("Junk", True)
    dovecot.signal("authres")
    wait_for(lambda: deliver(dovecot, first, user, sender) == [451],
             "the first one waits on, whichever process is asked")
    assert deliver(dovecot, mail(f"ceo@{domain}"), user, sender) == [250]
    assert user.mails() == []
