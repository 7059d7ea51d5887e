"""A real Sendmail in front of Dovecot, configured as doc/mta.md says."""
from arrival import arrival
from case import needs_authres
from sendmail import Sendmail
from snippets import snippet
from test_mta_postfix import check_clients, zone


def system(t):
    """(sendmail, dovecot) of one host, shared by the module."""
    host = t.host("sendmail-bin")
    sendmail = t.shared("sendmail", lambda: Sendmail(host))
    return sendmail, t.dovecot(
        config=snippet("general/dovecot.conf", {"mx.example.fr": "mx.example"}))


@needs_authres
def test_lmtp(t):
    sendmail, dovecot = system(t)
    sendmail.use(snippet("sendmail-lmtp/sendmail.mc",
                         {"/run/dovecot/lmtp": dovecot.lmtp_path}))
    for arrived in check_clients(t, sendmail, dovecot, source="received",
                                 line=2):
        assert arrived.client in arrived.received()
