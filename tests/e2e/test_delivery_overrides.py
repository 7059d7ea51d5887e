"""Who overrides a failing policy, and strangers who only look like them."""
import json
import os
import re

import message
from case import needs_authres
from dovecot import IS_24

AUTHOR_IP, STRANGER_IP = "192.0.2.51", "203.0.113.51"
FORWARDER_IP, LIST_IP = "198.51.100.51", "198.51.100.61"
SEALER, OTHER_SEALER = "lists.sealer.example", "second.example"
FORWARDER, LISTS, HOST = "fw.example", "lists.example.org", "groups.example"
EVIL = "evil.example"
SETTINGS = {
    "authres_arc_trusted_sealers": f"{SEALER} {OTHER_SEALER}",
    "authres_trusted_forwarders": "198.51.100.51/32",
    "authres_trusted_lists": f"{LISTS} my.{HOST}",
}
FIELDS = ("From", "To", "Subject", "Date", "Message-ID")
LIST_FIELDS = FIELDS + ("List-Id",)
ZONE = "".join(message.RSA.record("s1", d) for d in
               (SEALER, OTHER_SEALER, LISTS, HOST, EVIL, "sealer.example",
                f"a.{SEALER}", f"x{SEALER}", f"evil.{HOST}")) + f"""
{FORWARDER}. TXT "v=spf1 ip4:{FORWARDER_IP} -all"
{LISTS}. TXT "v=spf1 ip4:{LIST_IP} -all"
evil.{HOST}. TXT "v=spf1 ip4:{STRANGER_IP} -all"
{EVIL}. TXT "v=spf1 ip4:{STRANGER_IP} -all"
_dmarc.example.org. TXT "v=DMARC1; p=none"
_dmarc.{HOST}. TXT "v=DMARC1; p=none"
_dmarc.sealer.example. TXT "v=DMARC1; p=none"
"""


class World:
    """Authors, forwarders, lists and strangers; one Dovecot that trusts some
    of them."""

    def __init__(self, t, **settings):
        self.dns = t.dns
        self.dovecot = t.dovecot(settings={**SETTINGS, **settings},
                                 config="log_debug = category=authres\n")

    def author(self, t, policy="reject"):
        domain = t.domain("author.example")
        self.dns.add_zone(
            message.RSA.record("s1", domain) +
            f'{domain}. TXT "v=spf1 ip4:{AUTHOR_IP} -all"\n'
            f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')
        return domain

    def deliver(self, data, mail_from, *hops):
        """hops: (client address, by), from us downwards."""
        fields = [message.received(ip, "out.example", by=by)
                  for ip, by in hops]
        user = self.dovecot.user()
        data = "".join(f + "\r\n" for f in fields).encode() + data
        mark = self.dovecot.mark()
        reply = self.dovecot.deliver(data, user, mail_from)
        assert reply.code == 250, reply
        return user, mark

    def kept(self, reason, comment, sentence, data, mail_from, *hops):
        user, mark = self.deliver(data, mail_from, *hops)
        mail = user.only_mail()
        assert mail.keywords >= {"$AuthFail", "$AuthOverride"}, mail.flags
        assert not mail.keywords & {"$Junk", "Junk", "$AuthPass"}, mail.flags
        field = mail.authres
        assert "dmarc=fail" in field, field
        assert f"policy.override-reason={reason}" in field, field
        assert f'reason="{reason}: {comment}"' in field, field
        self.dovecot.wait_log(
            re.escape(f"override={reason} ({comment}) "), since=mark)
        self.dovecot.wait_log(
            re.escape("why: The policy was not applied, because " +
                      sentence.replace("X", comment) + ": "), since=mark)
        return field

    def junk(self, data, mail_from, *hops):
        user, mark = self.deliver(data, mail_from, *hops)
        mail = user.only_mail("Junk")
        assert mail.keywords >= {"$AuthFail", "$Junk", "Junk"}, mail.flags
        assert "$AuthOverride" not in mail.keywords, mail.flags
        assert "override-reason" not in mail.authres, mail.authres
        assert user.mails() == []
        return mail.authres


class Names:
    """The zone, which a module has once."""

    def __init__(self, t):
        t.dns.add_zone(ZONE)

    def close(self):
        pass


def world(t, **settings):
    t.shared("names", lambda: Names(t))
    return World(t, **settings)


US = "mx.example"
FROM_LIST = ((LIST_IP, US),)
FROM_STRANGER = ((STRANGER_IP, US),)
FORWARDED = ((FORWARDER_IP, US), (AUTHOR_IP, FORWARDER))
SPOOF_FORWARDED = ((FORWARDER_IP, US), (STRANGER_IP, FORWARDER))


def mail(domain, **options):
    return message.message(f"Ann <ann@{domain}>", **options)


def passed(authserv_id, domain):
    return f"{authserv_id}; dmarc=pass (p=reject) header.from={domain}"


def failed(authserv_id, domain):
    return f"{authserv_id}; dmarc=fail (p=reject) header.from={domain}"


@needs_authres
def test_trusted_sealer(t):
    w = world(t)
    for policy in ("quarantine", "reject"):
        domain = w.author(t, policy)
        for authserv_id in (SEALER, f"mx1.{SEALER}", "mail.sealer.example"):
            data = message.arc_seal(mail(domain), SEALER,
                                    passed(authserv_id, domain))
            field = w.kept("local_policy", f"arc=pass as[1].d={SEALER}",
                           "a trusted sealer vouches for this (X)", data,
                           f"bounce@{SEALER}", *FROM_LIST)
            assert "arc=pass" in field, field
    # the second vouches for the first, which saw the author
    domain = w.author(t)
    data = message.arc_seal(mail(domain), SEALER, passed(SEALER, domain))
    data = message.arc_seal(data, OTHER_SEALER, failed(OTHER_SEALER, domain))
    w.kept("local_policy", f"arc=pass as[1].d={SEALER}",
           "a trusted sealer vouches for this (X)", data,
           f"bounce@{SEALER}", *FROM_LIST)
    # a stranger's set below one of a trusted sealer who saw a pass
    data = message.arc_seal(mail(domain), EVIL, failed(EVIL, domain))
    data = message.arc_seal(data, SEALER, passed(SEALER, domain))
    w.kept("local_policy", f"arc=pass as[2].d={SEALER}",
           "a trusted sealer vouches for this (X)", data,
           f"bounce@{SEALER}", *FROM_LIST)


@needs_authres
def test_sealers_that_do_not_count(t):
    w = world(t)
    domain = w.author(t)
    genuine = message.arc_seal(mail(domain), SEALER, passed(SEALER, domain))
    own = message.arc_seal(mail(domain), EVIL, passed(SEALER, domain))
    attacks = {
        "own set 1 below a trusted set 2": message.arc_seal(
            own, SEALER, failed(SEALER, domain)),
        "own set 1, trusted set 2 without DMARC": message.arc_seal(
            own, SEALER, f"{SEALER}; arc=pass"),
        "own seal alone": own,
        "own seal above a genuine one": message.arc_seal(
            genuine, EVIL, passed(EVIL, domain)),
        "genuine, own, genuine": message.arc_seal(
            message.arc_seal(genuine, EVIL, passed(EVIL, domain)),
            OTHER_SEALER, failed(OTHER_SEALER, domain)),
        "look-alike": message.arc_seal(mail(domain), f"x{SEALER}",
                                       passed(SEALER, domain)),
        "below the sealer": message.arc_seal(
            mail(domain), f"a.{SEALER}", passed(f"a.{SEALER}", domain)),
        "above the sealer": message.arc_seal(
            mail(domain), "sealer.example", passed(SEALER, domain)),
        "another authserv-id": message.arc_seal(mail(domain), SEALER,
                                                passed(EVIL, domain)),
        "another author": message.arc_seal(mail(domain), SEALER,
                                           passed(SEALER, EVIL)),
        "several header.from": message.arc_seal(
            mail(domain), SEALER,
            passed(SEALER, domain) + f" header.from={EVIL}"),
        "two DMARC results": message.arc_seal(
            mail(domain), SEALER, passed(SEALER, domain) +
            f"; dmarc=pass header.from={EVIL}"),
        "dmarc=fail": message.arc_seal(mail(domain), SEALER,
                                       failed(SEALER, domain)),
        # broken chains
        "body changed after sealing": genuine + b"http://evil.example/\r\n",
        "From changed after sealing": genuine.replace(b"From: Ann", b"From: Eve"),
        "results changed": message.arc_seal(
            mail(domain), SEALER, failed(SEALER, domain)).replace(
                b"dmarc=fail", b"dmarc=pass"),
        "seal copied to another message":
            genuine[:genuine.index(b"\r\nFrom:") + 2] +
            mail(domain, body="Pay here.\r\n"),
        "cv=fail": message.arc_seal(genuine, OTHER_SEALER,
                                    passed(OTHER_SEALER, domain), cv="fail"),
        "a set is missing": message.arc_seal(
            genuine, OTHER_SEALER, passed(OTHER_SEALER, domain)).replace(
                b"ARC-Seal: i=1", b"X-Seal: i=1"),
    }
    for name, data in attacks.items():
        print(name)
        w.junk(data, f"bounce@{EVIL}", *FROM_STRANGER)


@needs_authres
def test_several_authors_are_never_overridden(t):
    w = world(t)
    domain = w.author(t)
    data = message.message(f"<ann@{domain}> <eve@{EVIL}>",
                           extra=[f"List-Id: <dev.{LISTS}>"])
    data = message.dkim_sign(data, LISTS, headers=LIST_FIELDS)
    data = message.arc_seal(data, SEALER, passed(SEALER, domain))
    w.junk(data, f"bounce@{LISTS}", *FROM_LIST)


@needs_authres
def test_trusted_list(t):
    w = world(t)
    domain = w.author(t)
    signed = message.dkim_sign(mail(domain, subject="[dev] Test", extra=[
        f'List-Id: "Developers" <Dev.{LISTS}>']), LISTS, headers=LIST_FIELDS)
    for data, mail_from, hops in (
            # the author's own signature broke; the list's holds
            (message.dkim_sign(signed, domain).replace(
                b"s=s1; h=From:To:Subject:Date:Message-ID;",
                b"s=s1; h=From:To:Date:Message-ID;"),
             f"dev-bounces@{LISTS}", FROM_LIST),
            # only SPF
            (mail(domain, extra=[f"List-Id: <dev.{LISTS}>"]),
             f"dev-bounces@{LISTS}", FROM_LIST),
            # only DKIM, through another host
            (signed, f"x@{EVIL}", FROM_STRANGER)):
        field = w.kept("mailing_list", f"dev.{LISTS}",
                       "the trusted mailing list X sent this", data,
                       mail_from, *hops)
        assert f" list=dev.{LISTS} helo=" in field, field
    data = message.dkim_sign(
        mail(domain, extra=[f"List-Id: <my.{HOST}>"]), HOST,
        headers=LIST_FIELDS)
    w.kept("mailing_list", f"my.{HOST}", "the trusted mailing list X sent "
           "this", data, f"x@{HOST}", *FROM_LIST)


@needs_authres
def test_lists_that_do_not_count(t):
    w = world(t)
    domain = w.author(t)
    list_id = f"List-Id: <dev.{LISTS}>"
    genuine = message.dkim_sign(mail(domain, extra=[list_id]), LISTS,
                                headers=LIST_FIELDS)
    hosted = mail(domain, extra=[f"List-Id: <my.{HOST}>"])
    attacks = {
        "bare List-Id": mail(domain, extra=[list_id]),
        "all traits copied": mail(domain, subject="[dev] Test", extra=[
            list_id, f"List-Post: <mailto:dev@{LISTS}>",
            f"Sender: dev-bounces@{LISTS}", "Precedence: list"]),
        "own signature": message.dkim_sign(
            mail(domain, extra=[list_id]), EVIL, headers=LIST_FIELDS),
        "genuine signature, another From": genuine.replace(
            f"From: Ann <ann@{domain}>".encode(),
            f"From: Boss <boss@{domain}>".encode()),
        "genuine signature, another body": genuine + b"Pay here.\r\n",
        "genuine signature, second List-Id":
            b"List-Id: <x.evil.example>\r\n" + genuine,
        "look-alike": mail(domain,
                           extra=[f"List-Id: <dev.{LISTS}.evil.example>"]),
        "list in the phrase": mail(domain, extra=[
            f'List-Id: "<dev.{LISTS}>" <dev.evil.example>']),
        "neighbour on the host signs": message.dkim_sign(
            hosted, f"evil.{HOST}", headers=LIST_FIELDS),
        "message of a neighbour, List-Id not signed": message.dkim_sign(
            hosted, HOST),
        "verified, but not listed": message.dkim_sign(
            mail(domain, extra=[f"List-Id: <other.{HOST}>"]), HOST,
            headers=LIST_FIELDS),
    }
    for name, data in attacks.items():
        print(name)
        for mail_from in (f"eve@{EVIL}", f"x@evil.{HOST}",
                          f"dev-bounces@{LISTS}"):
            field = w.junk(data, mail_from, *FROM_STRANGER)
            assert f" list=dev.{LISTS} " not in field, (name, field)
            assert f" list=my.{HOST} " not in field, (name, field)
            assert (f" list=other.{HOST} " in field) == \
                (name == "verified, but not listed"), (name, field)


@needs_authres
def test_trusted_forwarder(t):
    w = world(t)
    domain = w.author(t)
    data = message.dkim_sign(mail(domain), domain) + b"-- \r\nForwarded\r\n"
    for mail_from in (f"SRS0=Hx2k=7V={domain}=ann@{FORWARDER}",
                      f"SRS1=h=first.example==h=t={domain}=ann@{FORWARDER}",
                      f"bob@{FORWARDER}"):
        field = w.kept("trusted_forwarder", FORWARDER_IP,
                       "the trusted forwarder X changed only the body", data,
                       mail_from, *FORWARDED)
        assert f"forwarder={FORWARDER_IP}" in field, field
        assert f"client={AUTHOR_IP}" in field, field


@needs_authres
def test_trusted_forwarder_with_second_engines(t):
    w = world(t, authres_dkim_engine="libopendkim",
              authres_spf_engine="libspf2")
    domain = w.author(t)
    signed = message.dkim_sign(mail(domain), domain)
    changed = signed + b"-- \r\nForwarded\r\n"
    srs = f"SRS0=Hx2k=7V={domain}=ann@{FORWARDER}"
    w.kept("trusted_forwarder", FORWARDER_IP,
           "the trusted forwarder X changed only the body", changed, srs,
           *FORWARDED)
    w.junk(changed, srs, *SPOOF_FORWARDED)
    w.junk(changed.replace(b"From: Ann", b"From: Boss"), srs, *FORWARDED)
    w.junk(mail(domain), srs, *FORWARDED)


@needs_authres
def test_forwarders_that_do_not_count(t):
    w = world(t)
    domain = w.author(t)
    signed = message.dkim_sign(mail(domain), domain)
    head = signed.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    replay = head + b"Pay here: http://evil.example/\r\n"
    srs = f"SRS0=h=t={domain}=ann@{FORWARDER}"
    evil_srs = f"SRS0=h=t={EVIL}=eve@{FORWARDER}"
    attacks = {
        "spoof": (mail(domain), srs, SPOOF_FORWARDED),
        "spoof in the stranger's own MAIL FROM":
            (mail(domain), evil_srs, SPOOF_FORWARDED),
        "spoof with an invented signature":
            (message.dkim_sign(mail(domain), domain,
                               key=message.Key("rsa", 1024)),
             srs, SPOOF_FORWARDED),
        "spoof signed by the stranger":
            (message.dkim_sign(mail(domain), EVIL) + b"footer\r\n",
             evil_srs, SPOOF_FORWARDED),
        "replayed header, another body": (replay, srs, SPOOF_FORWARDED),
        "replayed in the stranger's own MAIL FROM":
            (replay, evil_srs, SPOOF_FORWARDED),
        "replayed, MAIL FROM kept":
            (replay, f"eve@{EVIL}", SPOOF_FORWARDED),
        "replayed with another From":
            (replay.replace(b"From: Ann", b"From: Boss"), srs, FORWARDED),
        "sent past the forwarder":
            (replay, srs, ((STRANGER_IP, US), (AUTHOR_IP, FORWARDER))),
        "a stranger's Received imitates the walk":
            (replay, srs, ((FORWARDER_IP, US), (STRANGER_IP, FORWARDER),
                           (FORWARDER_IP, US), (AUTHOR_IP, FORWARDER))),
    }
    for name, (data, mail_from, hops) in attacks.items():
        print(name)
        w.junk(data, mail_from, *hops)


@needs_authres
def test_verify_shows_the_override(t):
    w = world(t)
    domain = w.author(t)
    for data, override in (
            (mail(domain, extra=[f"List-Id: <dev.{LISTS}>"]), "mailing_list"),
            (mail(domain), "")):
        directory = t.directory("verify")
        path = os.path.join(directory, "message")
        with open(path, "wb") as f:
            f.write(data)
        done = w.dovecot.doveadm(
            "-f", "json", "authres", "verify", "--ip", LIST_IP, "--mail-from",
            f"dev-bounces@{LISTS}", path)
        assert done.returncode == 0, done.stderr
        row = [r for r in json.loads(done.stdout) if r["method"] == "dmarc"][0]
        assert row["override"] == override, row
        assert row["disposition"] == ("keep" if override else "junk"), row


@needs_authres
def test_words_that_are_no_domains(t):
    for name, value in (("authres_arc_trusted_sealers", "a..example"),
                        ("authres_trusted_lists", "dev@lists.example.org"),
                        ("authres_trusted_forwarders", "198.51.100.0/33")):
        if IS_24 and "/" in value:
            assert value in t.refused(settings={name: value})
            continue
        dovecot = t.own_dovecot(settings={name: value})
        user = dovecot.user()
        assert dovecot.deliver(mail("nowhere.example"), user).code == 250
        dovecot.wait_log(f"{name}: .*{re.escape(value)}", "error")


def move_back(user):
    client = user.imap()
    client.select("Junk")
    assert client.uid("MOVE", "1:*", "INBOX")[0] == "OK"
    client.logout()


@needs_authres
def test_what_a_user_allows_through_a_forwarder(t):
    """Unsigned mail whose author is known to the forwarder by SPF alone."""
    w = world(t)
    domain = w.author(t)
    user, _ = w.deliver(mail(domain), f"bob@{FORWARDER}", *FORWARDED)
    assert user.only_mail("Junk")
    move_back(user)
    data = message.received(FORWARDER_IP, "out.example", by=US) + "\r\n" + \
        message.received("%s", "out.example", by=FORWARDER) + "\r\n"
    for client_ip, mailbox in ((AUTHOR_IP, "INBOX"), (STRANGER_IP, "Junk")):
        before = len(user.mails(mailbox))
        reply = w.dovecot.deliver((data % client_ip).encode() + mail(domain),
                                  user, f"bob@{FORWARDER}")
        assert reply.code == 250, reply
        found = user.mails(mailbox)
        assert len(found) == before + 1, (client_ip, mailbox)
        assert ("$AuthOverride" in found[-1].keywords) == \
            (client_ip == AUTHOR_IP), found[-1].flags
