"""A real OpenSMTPD in front of Dovecot, configured as doc/mta.md says."""
import message
from arrival import arrival
from case import needs_authres
from dovecot import MAIL_UID
from host import OTHER
from opensmtpd import OpenSmtpd
from snippets import lda, snippet
from test_mta_postfix import check_clients, zone

MX = {"mx.example.fr": "mx.example"}


def system(t):
    """(opensmtpd, dovecot) of one host, shared by the module."""
    host = t.host("opensmtpd")
    opensmtpd = t.shared("opensmtpd", lambda: create(host))
    return opensmtpd, t.dovecot(config=snippet("general/dovecot.conf", MX))


def create(host):
    host.add_user("vmail", MAIL_UID)
    return OpenSmtpd(host)


@needs_authres
def test_lmtp(t):
    opensmtpd, dovecot = system(t)
    opensmtpd.use(snippet("opensmtpd-lmtp/smtpd.conf",
                          {"/run/dovecot/lmtp": dovecot.lmtp_path, **MX}))
    for arrived in check_clients(t, opensmtpd, dovecot, source="received",
                                 line=2):
        assert arrived.client in arrived.received()


@needs_authres
def test_mda(t):
    opensmtpd, dovecot = system(t)
    opensmtpd.use(snippet("opensmtpd-mda/smtpd.conf", {**lda(dovecot), **MX}))
    list(check_clients(t, opensmtpd, dovecot, source="received", line=1))
