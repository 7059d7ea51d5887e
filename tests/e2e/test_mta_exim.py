"""A real Exim in front of Dovecot, configured as doc/mta.md says."""
import message
from arrival import arrival
from case import needs_authres
from dovecot import MAIL_UID, PASSWORD
from exim import Exim
from host import CLIENT, CLIENT6, OTHER, OTHER6
from snippets import lda, snippet
from test_mta_postfix import check_clients, zone


def system(t):
    """(exim, dovecot) of one host, shared by the module."""
    host = t.host("exim4-daemon-light")
    exim = t.shared("exim", lambda: create(host))
    dovecot = t.dovecot(
        config=snippet("general/dovecot.conf", {"mx.example.fr": "mx.example"})
        + snippet("exim-pipe/dovecot.conf"))
    return exim, dovecot


def create(host):
    host.add_user("vmail", MAIL_UID)
    return Exim(host)


def use_lmtp(exim, dovecot):
    exim.use(snippet("exim-lmtp/routers"),
             snippet("exim-lmtp/transports",
                     {"/run/dovecot/lmtp": dovecot.lmtp_path}))


@needs_authres
def test_lmtp(t):
    exim, dovecot = system(t)
    use_lmtp(exim, dovecot)
    for arrived in check_clients(t, exim, dovecot, source="received", line=2):
        assert arrived.client in arrived.received()


@needs_authres
def test_pipe_to_lda(t):
    exim, dovecot = system(t)
    exim.use(snippet("exim-pipe/routers"),
             snippet("exim-pipe/transports", lda(dovecot)))
    list(check_clients(t, exim, dovecot, "example.fr", line=0,
                       source="environment"))
