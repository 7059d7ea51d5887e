"""A real OpenSMTPD in front of Dovecot, configured as doc/mta.md says."""
import message
from arrival import arrival
from case import needs_authres
from dovecot import MAIL_UID
from host import CLIENT, LMTP_SOCKET, OTHER, OTHER6
from opensmtpd import OpenSmtpd
from snippets import lda, snippet
from test_mta_postfix import check_clients, zone

MX = {"mx.example.fr": "mx.example"}


def system(t):
    """(opensmtpd, dovecot) of one host, shared by the module."""
    host = t.host("opensmtpd")
    opensmtpd = t.shared("opensmtpd", lambda: create(host))
    return opensmtpd, t.dovecot(config=LMTP_SOCKET +
                               snippet("general/dovecot.conf", MX))


def create(host):
    host.add_user("vmail", MAIL_UID)
    return OpenSmtpd(host)


@needs_authres
def test_lmtp(t):
    opensmtpd, dovecot = system(t)
    opensmtpd.use(snippet("opensmtpd-lmtp/smtpd.conf", MX))
    for arrived in check_clients(t, opensmtpd, dovecot, source="received",
                                 received=2):
        assert arrived.client in arrived.received_field()


@needs_authres
def test_mda(t):
    opensmtpd, dovecot = system(t)
    opensmtpd.use(snippet("opensmtpd-mda/smtpd.conf", {**lda(dovecot), **MX}))
    list(check_clients(t, opensmtpd, dovecot, source="received", received=1))


@needs_authres
def test_every_shape_of_received(t):
    opensmtpd, dovecot = system(t)
    opensmtpd.use(snippet("opensmtpd-lmtp/smtpd.conf", MX))
    domain = zone(t)
    named = "192.0.2.33"
    opensmtpd.host.add_address(named)
    opensmtpd.host.add_name(named, "host33.isp.example")
    for client, helo, shape in (
            (OTHER, "out.isp.example", "(<unknown> [203.0.113.66])"),
            (OTHER, "[192.0.2.31]", "from [192.0.2.31] (<unknown>"),
            (OTHER6, "out.isp.example", "(<unknown> [2001:db8:66::66])"),
            (named, "out.isp.example",
             "from out.isp.example (host33.isp.example [192.0.2.33])"),
            # it takes no other characters than these
            (OTHER, CLIENT, f"from {CLIENT} (<unknown> [203.0.113.66])"),
            (OTHER, "localhost", "from localhost (<unknown> [203")):
        user = dovecot.user()
        opensmtpd.send(message.message(f"a@{domain}"), user.address,
                       f"b@{domain}", client, helo=helo)
        arrived = arrival(user).check("Junk", client=client, spf="fail",
                                      received=2, origin=None)
        assert shape in arrived.received_field(), arrived.received_field()
    user = dovecot.user()
    opensmtpd.sendmail(message.message(f"a@{domain}"), user.address,
                       f"b@{domain}", user="root")
    arrival(user).check(origin="local", dmarc=None, spf=None)


@needs_authres
def test_masked_source(t):
    """mask-src hides the client of each message: nothing is judged."""
    opensmtpd, dovecot = system(t)
    masked = "198.51.100.27"
    opensmtpd.host.add_address(masked)
    opensmtpd.use(f"listen on {masked} mask-src\n" +
                  snippet("opensmtpd-lmtp/smtpd.conf", MX))
    domain = zone(t)
    user = dovecot.user()
    opensmtpd.send(message.message(f"a@{domain}"), user.address,
                   f"b@{domain}", OTHER, to=masked)
    arrival(user).check(client="unknown", source="none", spf=None,
                        dmarc="temperror", origin=None)
