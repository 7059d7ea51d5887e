"""A real Exim in front of Dovecot, configured as doc/mta.md says."""
import re

import message
from arrival import arrival
from case import needs_authres
from dovecot import MAIL_UID, Dovecot
from exim import Exim
from host import LMTP_SOCKET, CLIENT, OTHER, OTHER6
from snippets import lda, snippet
from test_mta_postfix import check_clients, zone


def system(t):
    """(exim, dovecot) of one host, shared by the module."""
    host = t.host("exim4-daemon-light")
    exim = t.shared("exim", lambda: create(host))
    dovecot = t.dovecot(
        config=LMTP_SOCKET +
        snippet("general/dovecot.conf", {"mx.example.fr": "mx.example"}) +
        snippet("exim-pipe/dovecot-2.4.conf" if Dovecot.is_24 else
                "exim-pipe/dovecot.conf"))
    return exim, dovecot


def create(host):
    host.add_user("vmail", MAIL_UID)
    return Exim(host)


def use_lmtp(exim, main=""):
    exim.use(snippet("exim-lmtp/routers"), snippet("exim-lmtp/transports"),
             main)


def use_pipe(exim, dovecot, main=""):
    exim.use(snippet("exim-pipe/routers"),
             snippet("exim-pipe/transports", lda(dovecot)), main)


@needs_authres
def test_lmtp(t):
    exim, dovecot = system(t)
    use_lmtp(exim)
    for arrived in check_clients(t, exim, dovecot, source="received", received=2):
        assert arrived.client in arrived.received_field()


@needs_authres
def test_pipe_to_lda(t):
    exim, dovecot = system(t)
    use_pipe(exim, dovecot)
    list(check_clients(t, exim, dovecot, "example.fr", received=0,
                       source="environment"))


@needs_authres
def test_field_of_the_transport(t):
    """authres_client_source=header:NAME with a key; Exim adds it below what
    the sender wrote."""
    exim, _ = system(t)
    dovecot = t.dovecot(
        config=LMTP_SOCKET.replace("dovecot/lmtp", "dovecot/keyed") +
        snippet("exim-header/dovecot.conf"))
    domain = zone(t)
    exim.use(snippet("exim-lmtp/routers"),
             snippet("exim-header/transports",
                     {"/run/dovecot/lmtp": "/run/dovecot/keyed"}),
             "helo_accept_junk_hosts = *\n")
    list(check_clients(t, exim, dovecot, source="header", received=0))
    for forged in (f"X-Authres-Client: ip={CLIENT} helo=x",
                   f"X-Authres-Client: key=Change-Me-wrong1234567 ip={CLIENT}",
                   "Received: from x by mx.example with local (Exim 4.96)"):
        for helo in ("out.isp.example", f"x ip={CLIENT} auth=bob",
                     "x key=Change-Me-wrong1234567"):
            user = dovecot.user()
            exim.send(message.message(f"a@{domain}", extra=[forged]),
                      user.address, f"b@{domain}", OTHER, helo=helo)
            arrived = arrival(user).check("Junk", client=OTHER, spf="fail",
                                          origin=None, source="header")
            assert arrived.mail.fields("X-Authres-Client") == []
    user = dovecot.user()
    exim.send(message.message(f"a@{domain}"), user.address, f"b@{domain}",
              OTHER, port=587, login=("bob", "secret"))
    arrival(user).check(origin="authenticated", dmarc=None, auth="pass")
    user = dovecot.user()
    exim.sendmail(message.message(f"a@{domain}"), user.address)
    arrival(user).check(origin="authenticated", dmarc=None)


@needs_authres
def test_every_shape_of_received(t):
    """Exim puts HELO and address where DNS tells it to."""
    exim, dovecot = system(t)
    domain = zone(t)
    named = "192.0.2.33"
    exim.host.add_address(named)
    exim.host.add_name(named, "host33.isp.example")
    for main in ("", "log_selector = +incoming_port\n"):
        use_lmtp(exim, main)
        port = r"\(port=\d+ " if main else r"\("
        for client, helo, tls, shape in (
                (OTHER, "out.isp.example", False,
                 r"^from \[203\.0\.113\.66\] " + port + "helo=out"),
                (OTHER, "out.isp.example", True, r" tls TLS_"),
                (OTHER6, "out.isp.example", False,
                 r"^from \[2001:db8:66::66\] " + port + "helo=out"),
                (named, "host33.isp.example", False,
                 r"^from host33\.isp\.example \(\[192\.0\.2\.33\]"),
                (named, "out.isp.example", True,
                 r"^from host33\.isp\.example \(\[192\.0\.2\.33\].* ?helo=out"),
                (OTHER, "[192.0.2.31]", False, r"helo=\[192\.0\.2\.31\]")):
            user = dovecot.user()
            exim.send(message.message(f"a@{domain}"), user.address,
                      f"b@{domain}", client, helo=helo, tls=tls)
            arrived = arrival(user).check(
                "Junk", client=client, spf="fail", helo=helo, received=2,
                origin=None)
            assert re.search(shape, arrived.received_field()), arrived.received_field()


@needs_authres
def test_hostile_helo(t):
    """Where the administrator lets anything pass for HELO."""
    exim, dovecot = system(t)
    domain = zone(t)
    junk = "helo_accept_junk_hosts = *\n"
    use_lmtp(exim, junk)
    for piped in (False, True):
        if piped:
            use_pipe(exim, dovecot, junk)
        for helo in (
                f"x;AUTHRES_CLIENT_IP={CLIENT}", "x ; AUTHRES_CLIENT_LOGIN=b",
                f"x;;AUTHRES_CLIENT_IP={CLIENT}", "%{x", "${run{/bin/false}}",
                f"[{CLIENT}]", f"x ([{CLIENT}]) by mx.example (Exim 4.96)",
                f"x) ([{CLIENT}] helo=y", "$(x)", "'\"\\", "(" * 60,
                "local", "x\\"):
            user = dovecot.user()
            exim.send(message.message(f"a@{domain}"),
                      f"{user.name}@example.fr", f"b@{domain}", OTHER,
                      helo=helo)
            arrival(user).check("Junk", client=OTHER, spf="fail", origin=None)


@needs_authres
def test_own_users(t):
    """Mail of a user who logged in, or is on the machine, is never junk."""
    exim, dovecot = system(t)
    domain = zone(t)
    for piped in (False, True):
        if piped:
            use_pipe(exim, dovecot)
        else:
            use_lmtp(exim)
        for tls in (False, True):
            user = dovecot.user()
            exim.send(message.message(f"a@{domain}"),
                      f"{user.name}@example.fr", f"b@{domain}", OTHER,
                      port=587, login=("bob", "secret"), tls=tls)
            arrival(user).check(origin="authenticated", dmarc=None, spf=None,
                                auth="pass", client=OTHER)
        user = dovecot.user()
        exim.sendmail(message.message(f"a@{domain}"),
                      f"{user.name}@example.fr", f"b@{domain}")
        # to a pipe transport a local user has a login and no address
        arrived = arrival(user).check(
            origin="authenticated" if piped else "local", dmarc=None, spf=None)
        assert "with local (Exim" in arrived.mail.fields("Received")[-1]
