"""A real Postfix in front of Dovecot: which client is judged, and how."""
import message
from arrival import arrival
from case import needs_authres
from content_filter import ContentFilter
from dovecot import PASSWORD
from host import CLIENT, CLIENT6, OTHER, OTHER6
from postfix import Postfix

FILTERED = "198.51.100.26"
MAIN = """
mydestination = $myhostname command.example
mailbox_transport = lmtp:unix:private/dovecot-lmtp
virtual_mailbox_domains = pipe.example
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_chain_files = {certificate}
transport_maps = inline:{{ command.example=command: }}
"""
MASTER = """
dovecot   unix  -  n  n  -  -  pipe
  flags=DRhu user=vmail argv=/usr/lib/dovecot/dovecot-lda -c {config} -f ${{sender}}
  -a ${{original_recipient}} -d ${{user}} -o plugin/authres_client_ip=${{client_address}}
  -o plugin/authres_client_helo=${{client_helo}}
command   unix  -  n  n  -  -  local -o mailbox_transport=
  -o {{ mailbox_command=/usr/lib/dovecot/dovecot-lda -c {config} -f $SENDER -a $RECIPIENT }}
{filtered}:25  inet  n  -  n  -  -  smtpd -o content_filter=smtp:[127.0.0.1]:10024
127.0.0.1:10025  inet  n  -  n  -  -  smtpd -o content_filter=
  -o mynetworks=127.0.0.0/8 -o smtpd_recipient_restrictions=permit_mynetworks,reject
127.0.0.1:587  inet  n  -  n  -  -  smtpd {submission}
127.0.0.1:588  inet  n  -  n  -  -  smtpd {submission}
  -o smtpd_sasl_authenticated_header=yes
"""
SUBMISSION = """-o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=private/auth
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject"""
DOVECOT = """
service lmtp {{
  unix_listener {queue}/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
    group = postfix
  }}
}}
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


def system(t):
    """(host, postfix, dovecot), shared by the module."""
    host = t.host("postfix")
    postfix = t.shared("postfix", lambda: Postfix(host))
    dovecot = t.dovecot(config=DOVECOT.format(queue=postfix.queue_directory))
    if not postfix.running:
        host.add_address(FILTERED)
        host.add_user("vmail", 5001)
        t.shared("filter", lambda: ContentFilter(10024, 10025))
        postfix.start(MAIN.format(certificate=host.certificate()), MASTER.format(
            config=dovecot.config_path, filtered=FILTERED,
            submission=SUBMISSION))
    return host, postfix, dovecot


def zone(t, policy="reject"):
    domain = t.domain()
    t.dns.add_zone(
        f'{domain}. TXT "v=spf1 ip4:{CLIENT} ip6:{CLIENT6} -all"\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')
    return domain


@needs_authres
def test_lmtp(t):
    _, postfix, dovecot = system(t)
    domain = zone(t)
    for client, spf, mailbox in (
            (CLIENT, "pass", "INBOX"), (CLIENT6, "pass", "INBOX"),
            (OTHER, "fail", "Junk"), (OTHER6, "fail", "Junk")):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}", client)
        arrived = arrival(user).check(
            mailbox, client=client, source="received", line=2,
            helo="out." + domain, spf=spf, dmarc=spf, origin=None)
        assert client in arrived.received()


@needs_authres
def test_lmtp_with_tls_and_reverse_name(t):
    host, postfix, dovecot = system(t)
    domain = zone(t)
    host.add_address("192.0.2.32")
    host.add_name("192.0.2.32", "host32.isp.example")
    for client, spf, mailbox, name in (
            (CLIENT, "pass", "INBOX", "unknown"),
            ("192.0.2.32", "fail", "Junk", "host32.isp.example")):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}", client, tls=True)
        arrived = arrival(user).check(mailbox, client=client, line=2,
                                      helo="out." + domain, spf=spf)
        assert f"({name} [{client}])" in arrived.received()
        assert "TLSv1" in arrived.received()


@needs_authres
def test_what_a_stranger_says_is_not_believed(t):
    """HELO, and Received fields below the border's own."""
    _, postfix, dovecot = system(t)
    domain = zone(t)
    forged = message.received(CLIENT, "out." + domain)
    for helo in ("localhost", "mx.example", f"[{CLIENT}]", "[127.0.0.1]",
                 f"a([{CLIENT}])by", "x y z", "\"x\"", "a" * 200,
                 f"x.example ([{CLIENT}]) by mx.example (Postfix)"):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}", extra=[forged]),
                     user.address, f"b@{domain}", OTHER, helo=helo)
        arrival(user).check("Junk", client=OTHER, line=2, spf="fail",
                            dmarc="fail", origin=None)


@needs_authres
def test_own_users(t):
    """Mail of a user who logged in, or is on the machine, is never junk."""
    _, postfix, dovecot = system(t)
    domain = zone(t)
    sender = dovecot.user()
    for port in (587, 588):
        user = dovecot.user()
        postfix.send(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}", "127.0.0.1", to="127.0.0.1", port=port,
                     login=(sender.name, PASSWORD))
        arrived = arrival(user).check(origin="authenticated", dmarc=None,
                                      spf=None, auth="pass", line=2)
        assert ("Authenticated sender" in arrived.received()) == (port == 588)
    user = dovecot.user()
    postfix.sendmail(message.message(f"a@{domain}"), user.address,
                     f"b@{domain}")
    arrived = arrival(user).check(origin="local", dmarc=None, spf=None, line=2)
    assert "(Postfix, from userid" in arrived.received()
