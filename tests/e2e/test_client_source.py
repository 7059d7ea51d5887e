"""Where the SMTP client's address comes from, with the real verifier: SPF
passes only for the one address that is believed."""
import re

import message
from case import needs_authres

CLIENT, OTHER = "192.0.2.31", "203.0.113.31"


def zone(t, policy="reject"):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:{CLIENT} ip6:2001:db8::31 '
                   f'-all"\n_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')
    return domain


def mail(domain, *fields):
    return message.message(f"a@{domain}", extra=fields)


def spf(user):
    """(spf result word of MAIL FROM or None, dmarc result word, mailbox)"""
    for mailbox in ("INBOX", "Junk"):
        for found in user.mails(mailbox):
            words = dict(re.findall(r"; (spf|dmarc)=(\w+)(?! smtp\.helo)\b",
                                    found.authres))
            return words.get("spf"), words.get("dmarc"), mailbox
    raise AssertionError("not delivered")


@needs_authres
def test_received_of_postfix(t):
    dovecot = t.dovecot(settings={
        "authres_trusted_hosts": "127.0.0.0/8 ::1 mx.example 10.1.0.0/16"})
    domain = zone(t)
    helo = "out." + domain
    ours = message.received(CLIENT, helo)
    for fields, expected in (
            ([ours], ("pass", "pass", "INBOX")),
            ([message.received("2001:db8::31", helo)],
             ("pass", "pass", "INBOX")),
            ([message.received(OTHER, helo)], ("fail", "fail", "Junk")),
            # below it everything is the sender's: a forged line is no help
            ([message.received(OTHER, helo), ours], ("fail", "fail", "Junk")),
            # a relay of ours in between
            ([message.received("10.1.2.3", "relay", by="mx.example"), ours],
             ("pass", "pass", "INBOX")),
            # a filter on the same host
            ([message.received("127.0.0.1", "localhost"), ours],
             ("pass", "pass", "INBOX")),
            # written by a stranger, or nothing at all: not evaluated
            ([message.received(CLIENT, helo, by="mx.stranger.example")],
             (None, "temperror", "INBOX")),
            ([], (None, "temperror", "INBOX")),
            # private addresses are not trusted by themselves, and nobody's
            ([message.received("10.9.0.1", "nat"), ours],
             (None, "fail", "Junk"))):
        user = dovecot.user()
        reply = dovecot.deliver(mail(domain, *fields), user, f"a@{domain}")
        assert reply.code == 250
        assert spf(user) == expected, (fields, spf(user))


@needs_authres
def test_helo_that_imitates_received_is_not_believed(t):
    dovecot = t.dovecot()
    domain = zone(t)
    for helo in (f"x ([{CLIENT}]) by mx.example (Postfix)",
                 f"[{CLIENT}]", f"a.example ({CLIENT})"):
        user = dovecot.user()
        reply = dovecot.deliver(mail(domain, message.received(OTHER, helo)),
                                user, f"a@{domain}")
        assert reply.code == 250
        assert spf(user)[0] != "pass", helo


@needs_authres
def test_xclient_only_when_it_is_the_source(t):
    domain = zone(t)
    chosen = t.dovecot(settings={"authres_client_source": "xclient"})
    auto = t.dovecot()
    data = mail(domain)
    for dovecot, address, expected in (
            (chosen, CLIENT, ("pass", "pass", "INBOX")),
            (chosen, "IPV6:2001:db8::31", ("pass", "pass", "INBOX")),
            (chosen, OTHER, ("fail", "fail", "Junk")),
            # behind a Dovecot proxy it is our MTA
            (auto, CLIENT, (None, "temperror", "INBOX"))):
        user = dovecot.user()
        reply = dovecot.deliver(data, user, f"a@{domain}", xclient=dict(
            addr=address, helo=f"out.{domain}"))
        assert reply.code == 250
        assert spf(user) == expected, (address, spf(user))
    # a proxy on the same host: it is mail of our own, not of nobody
    user = chosen.user()
    reply = chosen.deliver(data, user, f"a@{domain}", xclient=dict(
        addr="127.0.0.1", helo=f"out.{domain}"))
    assert reply.code == 250
    assert "client=127.0.0.1 source=xclient" in user.only_mail().authres
    # nobody said XCLIENT
    user = chosen.user()
    assert chosen.deliver(data, user, f"a@{domain}").code == 250
    assert spf(user) == (None, "temperror", "INBOX")


@needs_authres
def test_delivery_lda(t):
    dovecot = t.dovecot()
    domain = zone(t)
    # the argument of the command line beats a forged Received
    forged = message.received(CLIENT, "out." + domain, by="mx.example")
    for as_user in (False, True):
        for address, expected in (
                (CLIENT, ("pass", "pass", "INBOX")),
                ("2001:db8::31", ("pass", "pass", "INBOX")),
                (OTHER, ("fail", "fail", "Junk"))):
            user = dovecot.user()
            done = dovecot.lda(
                mail(domain, forged), user, f"a@{domain}", as_user=as_user,
                settings=[f"plugin/authres_client_ip={address}",
                          f"plugin/authres_client_helo=out.{domain}"])
            assert done.returncode == 0, done.stderr
            assert spf(user) == expected, (address, spf(user))
            mailbox = expected[2]
            assert f"out.{domain}" in user.only_mail(mailbox).authres
    for settings in (["plugin/authres_client_ip=no.address"],
                     ["plugin/authres_client_ip=192.0.2.31.1",
                      "plugin/authres_client_helo=x)\r\ny"]):
        user = dovecot.user()
        done = dovecot.lda(mail(domain), user, f"a@{domain}",
                           settings=settings)
        assert done.returncode == 0, done.stderr
        assert spf(user)[0] != "pass", settings


@needs_authres
def test_lda_environment(t):
    """Only what import_environment lists; what is wrong is said and ignored,
    and -o comes first."""
    named = t.dovecot(config="import_environment = $import_environment "
                      "CLIENT_ADDRESS CLIENT_HELO SASL_USERNAME "
                      "AUTHRES_CLIENT_IP\n")
    unnamed = t.dovecot()
    domain = zone(t)
    helo = "out." + domain
    for dovecot, environment, settings, expected in (
            (named, {"CLIENT_ADDRESS": CLIENT, "CLIENT_HELO": helo}, [],
             ("pass", "pass", "INBOX")),
            (named, {"AUTHRES_CLIENT_IP": CLIENT}, [],
             ("pass", "pass", "INBOX")),
            (named, {"CLIENT_ADDRESS": OTHER, "CLIENT_HELO": "%{x"}, [],
             ("fail", "fail", "Junk")),
            (named, {"CLIENT_ADDRESS": CLIENT},
             [f"plugin/authres_client_ip={OTHER}"], ("fail", "fail", "Junk")),
            (named, {"CLIENT_ADDRESS": "x"}, [], (None, "temperror", "INBOX")),
            (named, {"CLIENT_ADDRESS": OTHER, "SASL_USERNAME": "bob"}, [],
             (None, None, "INBOX")),
            (unnamed, {"CLIENT_ADDRESS": CLIENT, "AUTHRES_CLIENT_IP": CLIENT},
             [], (None, "temperror", "INBOX"))):
        user = dovecot.user()
        since = dovecot.mark("error")
        done = dovecot.lda(mail(domain), user, f"a@{domain}",
                           settings=settings, environment=environment)
        assert done.returncode == 0, done.stderr
        assert spf(user) == expected, (environment, spf(user))
        if "x" in environment.values():
            dovecot.wait_log("CLIENT_ADDRESS in the environment is not an IP "
                             "address: x - ignored", "error", since)
        elif not settings and dovecot is named:
            field = user.only_mail(expected[2]).authres
            assert "source=environment" in field, field


@needs_authres
def test_reject_for_those_who_want_it(t):
    """550 for one recipient, Junk for another, of one message that SPF vouches
    for the return path of; without that nobody rejects."""
    dovecot = t.dovecot()
    domain, bounce = zone(t), zone(t, "none")
    data = mail(domain, message.received(CLIENT, "out." + bounce))
    strict = dovecot.user(authres_reject_action="reject")
    mild = dovecot.user()
    tagged = dovecot.user(authres_mode="tag")
    replies = dovecot.deliver(data, [strict, mild, tagged], f"x@{bounce}")
    assert [r.code for r in replies] == [550, 250, 250], replies
    assert replies[0].enhanced == "5.7.1"
    assert strict.mails() == [] and strict.mails("Junk") == []
    fields = {mild.only_mail("Junk").authres, tagged.only_mail().authres}
    assert len(fields) == 1, fields
    strict = dovecot.user(authres_reject_action="reject")
    reply = dovecot.deliver(
        mail(domain, message.received(OTHER, "out." + bounce)), strict,
        f"x@{bounce}")
    assert reply.code == 250
    assert strict.only_mail("Junk")
