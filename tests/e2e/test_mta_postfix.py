"""A real Postfix in front of Dovecot, configured as doc/mta.md says: which
client is judged, and how."""

import message
from arrival import arrival
from case import needs_authres
from content_filter import ContentFilter
from dovecot import MAIL_UID, PASSWORD, Dovecot
from host import CLIENT, CLIENT6, OTHER, OTHER6
from postfix import Postfix
from snippets import lda, snippet

MX = {"mx.example.fr": "mx.example"}
# Dovecot on a host of its own
IMAP = "198.51.100.40"
SUBMISSION = """
{port} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=private/auth -o smtpd_sasl_authenticated_header={header}
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
"""
SASL = """
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


def system(t):
    """(postfix, dovecot) of one host, shared by the module."""
    host = t.host("postfix")
    postfix = t.shared("postfix", lambda: create(host))
    queue = postfix.queue_directory
    dovecot = t.dovecot(
        config=snippet("postfix-lmtp/dovecot.conf",
                       {"/var/spool/postfix": queue}) +
        snippet("postfix-pipe/dovecot-2.4.conf" if Dovecot.is_24 else
                "postfix-pipe/dovecot.conf") +
        snippet("general/dovecot.conf", MX) + SASL.format(queue=queue))
    return postfix, dovecot


def create(host):
    host.add_address(IMAP)
    host.add_user("vmail", MAIL_UID)
    return Postfix(host)


def zone(t, policy="reject"):
    domain = t.domain()
    t.dns.add_zone(
        f'{domain}. TXT "v=spf1 ip4:{CLIENT} ip6:{CLIENT6} -all"\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')
    return domain


def check_clients(t, postfix, dovecot, rcpt_domain="mx.example", **expected):
    """Mail of all four clients arrives as it should."""
    domain = zone(t)
    for client, spf, mailbox in (
            (CLIENT, "pass", "INBOX"), (CLIENT6, "pass", "INBOX"),
            (OTHER, "fail", "Junk"), (OTHER6, "fail", "Junk")):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}"),
                     f"{user.name}@{rcpt_domain}", f"b@{domain}", client)
        arrived = arrival(user).check(
            mailbox, client=client, spf=spf, dmarc=spf, origin=None,
            **{"helo": "out." + domain, **expected})
        assert (spf == "fail") == ("$AuthFail" in arrived.mail.keywords)
        yield arrived


@needs_authres
def test_lmtp(t):
    postfix, dovecot = system(t)
    postfix.use(snippet("postfix-lmtp/main.cf"))
    for arrived in check_clients(t, postfix, dovecot, source="received",
                                 received=2):
        assert arrived.client in arrived.received_field()


@needs_authres
def test_lmtp_with_tls_and_reverse_name(t):
    postfix, dovecot = system(t)
    host, domain = postfix.host, zone(t)
    postfix.use(snippet("postfix-lmtp/main.cf") +
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_received_header = yes\n"
                "smtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n".format(
                    *host.certificate()))
    host.add_address("192.0.2.32")
    host.add_name("192.0.2.32", "host32.isp.example")
    for client, spf, mailbox, name in (
            (CLIENT, "pass", "INBOX", "unknown"),
            ("192.0.2.32", "fail", "Junk", "host32.isp.example")):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}", client, tls=True)
        arrived = arrival(user).check(mailbox, client=client, received=2,
                                      helo="out." + domain, spf=spf)
        assert f"({name} [{client}])" in arrived.received_field()
        assert "TLSv1" in arrived.received_field()


@needs_authres
def test_what_a_stranger_says_is_not_believed(t):
    """HELO, and Received fields below the border's own."""
    postfix, dovecot = system(t)
    postfix.use(snippet("postfix-lmtp/main.cf"))
    domain = zone(t)
    forged = message.received(CLIENT, "out." + domain)
    # lmtp(8) breaks lines of more than 998 bytes, wherever that is
    long = ["a" * n for n in (957, 966, 982, 983, 984, 1500, 2000)]
    for helo in ("localhost", "mx.example", f"[{CLIENT}]", "[127.0.0.1]",
                 f"a([{CLIENT}])by", "x y z", "\"x\"", "a" * 200, "%{x",
                 f"x.example ([{CLIENT}]) by mx.example (Postfix)", *long):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}", extra=[forged]),
                     user.address, f"b@{domain}", OTHER, helo=helo)
        arrival(user).check("Junk", client=OTHER, received=2, spf="fail",
                            dmarc="fail", origin=None)


@needs_authres
def test_lmtp_to_another_host(t):
    postfix, _ = system(t)
    name = {"imap.example.fr": IMAP}
    dovecot = t.dovecot(
        config=snippet("postfix-lmtp-inet/dovecot.conf", name) +
        snippet("postfix-lmtp-inet/trusted.conf", MX))
    postfix.use(snippet("postfix-lmtp-inet/main.cf",
                        {"imap.example.fr": f"[{IMAP}]"}) +
                "lmtp_bind_address = 198.51.100.25\n")
    list(check_clients(t, postfix, dovecot, source="received", received=2))
    # an address that is not listed
    postfix.use(snippet("postfix-lmtp-inet/main.cf",
                        {"imap.example.fr": f"[{IMAP}]"}) +
                f"lmtp_bind_address = {OTHER}\n")
    domain = zone(t)
    user = dovecot.user()
    postfix.send(message.message(f"a@{domain}"), user.address, f"b@{domain}",
                 CLIENT)
    arrived = arrival(user).check(client="unknown", source="none", spf=None,
                                  dmarc="temperror")
    assert f"LMTP client {OTHER} is not" in arrived.reason


@needs_authres
def test_pipe_to_lda(t):
    postfix, dovecot = system(t)
    for name, source in (("postfix-pipe/master.cf", "environment"),
                         ("postfix-pipe-arguments/master.cf", "arguments")):
        master = snippet(name, lda(dovecot))
        if dovecot.is_24:
            master = master.replace("-o plugin/", "-o ")
        postfix.use(snippet("postfix-pipe/main.cf"), master)
        list(check_clients(t, postfix, dovecot, "example.fr", received=0,
                           source=source))


@needs_authres
def test_hostile_helo_in_a_pipe(t):
    postfix, dovecot = system(t)
    domain = zone(t)
    for name in ("postfix-pipe/master.cf", "postfix-pipe-arguments/master.cf"):
        master = snippet(name, lda(dovecot))
        if dovecot.is_24:
            master = master.replace("-o plugin/", "-o ")
        postfix.use(snippet("postfix-pipe/main.cf"), master)
        for helo in ("%{x", "%u.example.org", "-o x", "a b; c", "$(x)",
                     f"x CLIENT_ADDRESS={CLIENT}", "unknown", "x" * 400):
            user = dovecot.user()
            postfix.send(message.message(f"a@{domain}"),
                         f"{user.name}@example.fr", f"b@{domain}", OTHER,
                         helo=helo)
            arrival(user).check("Junk", client=OTHER, spf="fail", origin=None)


@needs_authres
def test_mailbox_command(t):
    postfix, dovecot = system(t)
    domain = zone(t)
    postfix.use(snippet("postfix-command/main.cf", lda(dovecot)))
    for client, spf, mailbox in ((CLIENT, "pass", "INBOX"),
                                 (CLIENT6, "pass", "INBOX"),
                                 (OTHER, "fail", "Junk")):
        user = dovecot.user()
        postfix.host.add_user(user.name, MAIL_UID, user.home)
        postfix.send(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}", client)
        arrival(user).check(mailbox, client=client, source="environment",
                            received=0, helo="out." + domain, spf=spf, dmarc=spf)


@needs_authres
def test_after_queue_content_filter(t):
    postfix, _ = system(t)
    t.shared("filter", lambda: ContentFilter(10024, 10025))
    own = {"private/dovecot-lmtp": "private/dovecot-filtered"}
    dovecot = t.dovecot(
        config=snippet("postfix-lmtp/dovecot.conf",
                       {"/var/spool/postfix": postfix.queue_directory, **own})
        + snippet("postfix-filter/dovecot.conf", MX))
    postfix.use(snippet("postfix-filter/main.cf", own),
                snippet("postfix-filter/master.cf"))
    # Dovecot's line, re-injection, the filter's own, then the border
    for arrived in check_clients(t, postfix, dovecot, source="received",
                                 received=4):
        assert "amavisd-new" in arrived.mail.fields("Received")[2]


@needs_authres
def test_received_that_was_removed(t):
    """Nothing is guessed."""
    postfix, dovecot = system(t)
    domain = zone(t)
    postfix.host.write("/etc/postfix/remove", "/^Received:/ IGNORE\n")
    postfix.use(snippet("postfix-lmtp/main.cf") +
                "header_checks = regexp:/etc/postfix/remove\n")
    user = dovecot.user()
    postfix.send(message.message(f"a@{domain}"), user.address, f"b@{domain}",
                 OTHER)
    arrival(user).check(client="unknown", source="none", spf=None,
                        dmarc="temperror")


@needs_authres
def test_own_users(t):
    """Mail of a user who logged in, or is on the machine, is never junk."""
    postfix, dovecot = system(t)
    domain = zone(t)
    submission = SUBMISSION.format(port=587, header="no") + \
        SUBMISSION.format(port=588, header="yes")
    sender = dovecot.user()
    login = (sender.name, PASSWORD)
    pipe = snippet("postfix-pipe/master.cf", lda(dovecot))
    for main, master, rcpt_domain, source in (
            ("postfix-lmtp/main.cf", "", "mx.example", "received"),
            ("postfix-pipe/main.cf", pipe, "example.fr", "environment")):
        postfix.use(snippet(main), submission + master)
        for client, port in ((OTHER, 587), (CLIENT6, 587), (OTHER, 588)):
            user = dovecot.user()
            postfix.send(message.message(f"a@{domain}"),
                         f"{user.name}@{rcpt_domain}", f"b@{domain}", client,
                         port=port, login=login)
            arrived = arrival(user).check(
                origin="authenticated", dmarc=None, spf=None, auth="pass",
                client=client, source=source)
            assert ("(Authenticated sender: " in arrived.mail.fields(
                "Received")[-1]) == (port == 588)
        user = dovecot.user()
        postfix.sendmail(message.message(f"a@{domain}"),
                         f"{user.name}@{rcpt_domain}", f"b@{domain}")
        arrived = arrival(user).check(origin="local", dmarc=None, spf=None)
        assert "(Postfix, from userid" in arrived.received_field()
