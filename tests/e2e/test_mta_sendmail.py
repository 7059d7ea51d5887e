"""A real Sendmail in front of Dovecot, configured as doc/mta.md says."""
import message
from arrival import arrival
from case import needs_authres
from host import CLIENT, LMTP_SOCKET, OTHER, OTHER6
from sendmail import Sendmail
from snippets import snippet
from test_mta_postfix import check_clients, zone


def system(t):
    """(sendmail, dovecot) of one host, shared by the module."""
    host = t.host("sendmail-bin")
    sendmail = t.shared("sendmail", lambda: Sendmail(host))
    return sendmail, t.dovecot(
        config=LMTP_SOCKET + snippet("general/dovecot.conf",
                                     {"mx.example.fr": "mx.example"}))


@needs_authres
def test_lmtp(t):
    sendmail, dovecot = system(t)
    sendmail.use(snippet("sendmail-lmtp/sendmail.mc"))
    for arrived in check_clients(t, sendmail, dovecot, source="received",
                                 received=2):
        assert "by mx.example (8." in arrived.received_field()


@needs_authres
def test_every_shape_of_received(t):
    sendmail, dovecot = system(t)
    # anything passes for HELO
    sendmail.use("define(`confALLOW_BOGUS_HELO', `True')dnl\n" +
                 snippet("sendmail-lmtp/sendmail.mc"))
    domain = zone(t)
    named, doubtful = "192.0.2.33", "192.0.2.34"
    for address in (named, doubtful):
        sendmail.host.add_address(address)
    sendmail.host.add_name(named, "host33.isp.example")
    sendmail.host.dns.add_zone(
        "34.2.0.192.in-addr.arpa. PTR host34.isp.example.\n")
    for client, helo, tls, shape in (
            (OTHER, "out.isp.example", False,
             "from out.isp.example ([203.0.113.66]) by"),
            (OTHER6, "out.isp.example", False, "([IPv6:2001:db8:66:"),
            (OTHER, "[192.0.2.31]", True, "(version=TLSv1"),
            (named, "out.isp.example", True,
             "from out.isp.example (host33.isp.example [192.0.2.33])"),
            (doubtful, "out.isp.example", False, "(may be forged)"),
            (OTHER, f"x([{CLIENT}])by", False, "[203.0.113.66]"),
            (OTHER, f"x ([{CLIENT}]) by mx.example", False, "[203.0.113.66]"),
            (OTHER, "(((", False, "[203.0.113.66]"),
            (OTHER, "localhost", False, "[203.0.113.66]")):
        user = dovecot.user()
        sendmail.send(message.message(f"a@{domain}"), user.address,
                      f"b@{domain}", client, helo=helo, tls=tls)
        arrived = arrival(user).check("Junk", client=client, spf="fail",
                                      received=2, origin=None)
        assert shape in arrived.received_field(), arrived.received_field()
    user = dovecot.user()
    sendmail.sendmail(message.message(f"a@{domain}"), user.address,
                      f"b@{domain}", user="root")
    arrival(user).check(origin="local", dmarc=None, spf=None)
