"""Sieve redirects to another user of ours: by submission_host to the real
Postfix and back, with each value of sieve_redirect_envelope_from."""
import message
from arrival import arrival
from case import needs_authres, time_limit
from host import CLIENT, OTHER
from postfix import Postfix
from snippets import snippet
from test_mta_postfix import IMAP, zone

MX = {"mx.example.fr": "mx.example"}


def create(host):
    host.add_address(IMAP)
    return Postfix(host)


@needs_authres
@time_limit(180)
def test_redirect_to_another_user(t):
    host = t.host("postfix")
    postfix = t.shared("postfix", lambda: create(host))
    postfix.use(main=snippet("postfix-lmtp/main.cf"))
    for envelope_from in ("sender", "recipient"):
        dovecot = t.own_dovecot(
            sieve=True,
            settings={"sieve_redirect_envelope_from": envelope_from},
            config="submission_host = 127.0.0.1:25\n" + snippet(
                "postfix-lmtp/dovecot.conf",
                {"/var/spool/postfix": postfix.queue_directory}) +
            snippet("general/dovecot.conf", MX))
        domain = zone(t)
        # what fails its policy is not redirected, unless it is kept
        first = dovecot.user(authres_quarantine_action="keep",
                             authres_reject_action="keep")
        for client, mailbox, result in ((CLIENT, "INBOX", "pass"),
                                        (OTHER, "Junk", "fail")):
            second = dovecot.user()
            first.sieve(f'redirect "{second.address}";\n')
            postfix.send(message.message(f"a@{domain}"),
                         f"{first.name}@mx.example", f"a@{domain}", client)
            found = arrival(second)
            found.check(mailbox, spf=result, dmarc=result, client=client)
            sender = found.mail.fields("Return-Path")[0]
            assert (domain in sender) == (envelope_from == "sender"), sender
            assert f"smtp.mailfrom=a@{domain}" in found.mail.authres, \
                found.mail.authres
            if client == CLIENT:
                genuine = found.mail.data
        # a stranger who has such a message, with the lines of our hosts
        third = dovecot.user()
        postfix.send(genuine, f"{third.name}@mx.example", f"a@{domain}", OTHER)
        arrival(third).check("Junk", spf="fail", dmarc="fail", client=OTHER)
        t.end()
