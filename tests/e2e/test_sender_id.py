"""Sender ID by real deliveries: the entry where authres_checks asks for it, and
nothing at all where it does not."""
import json

import message
from case import needs_authres

CLIENT = "192.0.2.25"
ON = {"authres_checks": "spf dkim arc dmarc senderid",
      "authres_keyword_methods": "senderid"}


def publish(t, domain):
    """SPF and DMARC let CLIENT pass; what Sender ID says is about r.DOMAIN."""
    t.dns.add_zone(
        f'{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"\n'
        f'r.{domain}. TXT "spf2.0/pra ip4:{CLIENT} -all"\n'
        f'r.{domain}. TXT "v=spf1 -all"\n'
        f'no.{domain}. TXT "spf2.0/mfrom,pra -all"\n')


def arrived(domain, fields=()):
    """A message that CLIENT handed to our MTA; fields are below Received."""
    return message.message(f"a@{domain}", extra=[
        message.received(CLIENT, "out." + domain)] + list(fields))


def entry(mail):
    """The entry of Sender ID without folding; None if there is none."""
    field = " ".join(mail.authres.split())
    return next((part.strip() for part in field.split(";")
                 if part.strip().startswith("sender-id=")), None)


@needs_authres
def test_entry_by_lmtp(t):
    dovecot, domain = t.dovecot(settings=ON), t.domain()
    publish(t, domain)
    for fields, keyword, expected in (
            ((), "$SENDERIDPass",
             f"sender-id=pass (v=spf1 record) header.from={domain}"),
            ([f"Resent-From: R <r@r.{domain}>"], "$SENDERIDPass",
             f"sender-id=pass (spf2.0 record) header.resent-from=r.{domain}"),
            ([f"Sender: s@no.{domain}"], "$SENDERIDFail",
             f"sender-id=fail (spf2.0 record) header.sender=no.{domain}"),
            ([f"Sender: s@gone.{domain}"], "$SENDERIDFail",
             'sender-id=fail reason="the domain does not exist" '
             f"header.sender=gone.{domain}"),
            (["Sender: a, b"], "$SENDERIDPermerror",
             "sender-id=permerror (no single mailbox in Sender) "
             'reason="no purported responsible address"')):
        user = dovecot.user()
        assert dovecot.deliver(arrived(domain, fields), user,
                               f"b@{domain}").code == 250
        # whatever it says, DMARC alone decides
        mail = user.only_mail("INBOX")
        assert "dmarc=pass" in mail.authres, mail.authres
        assert entry(mail) == expected, mail.authres
        assert keyword in mail.keywords, mail.keywords


@needs_authres
def test_pass_saves_nobody(t):
    dovecot, domain, stranger = t.dovecot(settings=ON), t.domain(), t.domain()
    publish(t, domain)
    t.dns.add_zone(f'{stranger}. TXT "spf2.0/pra +all"\n')
    user = dovecot.user()
    data = message.message(f"a@{domain}", extra=[
        message.received("203.0.113.9", "x." + stranger),
        f"Resent-From: x@{stranger}"])
    assert dovecot.deliver(data, user, f"x@{stranger}").code == 250
    mail = user.only_mail("Junk")
    assert entry(mail) == \
        f"sender-id=pass (spf2.0 record) header.resent-from={stranger}"
    story = json.loads(dovecot.doveadm(
        "-f", "json", "authres", "explain", "-u", user.name, "Junk",
        str(mail.uid), check=True).stdout)[0]["explanation"]
    assert (f"Sender ID: {stranger} allows this host to send its mail. "
            "Sender ID is historic and decides nothing.") in story, story


@needs_authres
def test_off_by_default(t):
    dovecot, domain = t.dovecot(), t.domain()
    publish(t, domain)
    user, mark = dovecot.user(), t.dns.mark()
    assert dovecot.deliver(arrived(domain, [f"Sender: s@no.{domain}"]), user,
                           f"b@{domain}").code == 250
    mail = user.only_mail("INBOX")
    assert "dmarc=pass" in mail.authres and entry(mail) is None, mail.authres
    asked = {q.name.lower().rstrip(".") for q in t.dns.questions(mark, domain)}
    assert domain in asked, asked
    assert not {name for name in asked if name.startswith("no.")}, asked
    # the same message where it is on: the name is asked for
    dovecot, mark = t.dovecot(settings=ON), t.dns.mark()
    user = dovecot.user()
    assert dovecot.deliver(arrived(domain, [f"Sender: s@no.{domain}"]), user,
                           f"b@{domain}").code == 250
    assert entry(user.only_mail("INBOX")).startswith("sender-id=fail")
    asked = {q.name.lower().rstrip(".") for q in t.dns.questions(mark, domain)}
    assert "no." + domain in asked, asked


@needs_authres
def test_no_client_no_entry(t):
    dovecot, domain = t.dovecot(settings=ON), t.domain()
    publish(t, domain)
    user, mark = dovecot.user(), t.dns.mark()
    data = message.message(f"a@{domain}", extra=[f"Sender: s@no.{domain}"])
    assert dovecot.deliver(data, user, f"b@{domain}").code == 250
    mail = user.only_mail("INBOX")
    assert entry(mail) is None and "spf=" not in mail.authres, mail.authres
    assert not [q for q in t.dns.questions(mark)
                if q.name.startswith("no." + domain)]
