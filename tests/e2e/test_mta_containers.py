"""The relevant configuration of docker-mailserver (PostSRSd in front of a socket)
and of mailcow (Postcow), as doc/containers.md has
it, with the real Postfix and PostSRSd."""
import message
from arrival import arrival
from case import needs_authres
from host import CLIENT, OTHER
from milters import Milter
from postfix import Postfix
from snippets import snippet
from test_mta_postfix import IMAP, zone

MX = {"mx.example.fr": "mx.example"}
FORWARD = 10001
POSTSRSD = f"""
sender_canonical_maps = tcp:127.0.0.1:{FORWARD}
sender_canonical_classes = envelope_sender
"""


def create(host):
    host.add_address(IMAP)
    return Postfix(host)


def send(t, postfix, dovecot, mail_from, client):
    """A message of a domain that SPF allows for CLIENT alone."""
    user = dovecot.user()
    postfix.send(message.message(mail_from), f"{user.name}@mx.example",
                 mail_from, client)
    return arrival(user)


def postsrsd(host):
    host.write("/etc/postsrsd.secret", "0123456789abcdefghijklmn\n")
    return Milter(["/usr/sbin/postsrsd", "-4", "-l", "127.0.0.1",
                   "-f", str(FORWARD), "-r", str(FORWARD + 1), "-d",
                   "mx.example", "-s", "/etc/postsrsd.secret", "-u", "root"],
                  FORWARD)


@needs_authres
def test_docker_mailserver(t):
    host = t.host("postfix", "postsrsd")
    postfix = t.shared("postfix", lambda: create(host))
    dovecot = t.dovecot(config=snippet(
        "postfix-lmtp/dovecot.conf",
        {"/var/spool/postfix": postfix.queue_directory}) +
        snippet("general/dovecot.conf", MX))
    t.shared("postsrsd", lambda: postsrsd(host))
    postfix.use(main=snippet("postfix-lmtp/main.cf") + POSTSRSD)
    domain = zone(t)
    arrived = send(t, postfix, dovecot, f"a@{domain}", CLIENT)
    # it was rewritten on its way in
    assert "SRS0=" in arrived.mail.fields("Return-Path")[0], arrived.mail
    arrived.check("INBOX", spf="pass", dmarc="pass", client=CLIENT)
    assert "before our own SRS" in arrived.note, arrived.mail.authres
    send(t, postfix, dovecot, f"a@{domain}", OTHER).check(
        "Junk", spf="fail", dmarc="fail", client=OTHER)
    # a stranger writes such an address himself
    user = dovecot.user()
    postfix.send(message.message(f"a@{domain}"), f"{user.name}@mx.example",
                 f"SRS0=Hx2k=7V={domain}=a@mx.example", OTHER)
    arrival(user).check("Junk", spf="fail", dmarc="fail", client=OTHER)


@needs_authres
def test_mailcow(t):
    host = t.host("postfix", "postsrsd")
    postfix = t.shared("postfix", lambda: create(host))
    dovecot = t.dovecot(config=snippet(
        "postfix-lmtp/dovecot.conf",
        {"/var/spool/postfix": postfix.queue_directory}) +
        snippet("general/dovecot.conf", MX))
    postfix.use(main=snippet("postfix-lmtp/main.cf") + "mail_name = Postcow\n")
    domain = zone(t)
    arrived = send(t, postfix, dovecot, f"a@{domain}", CLIENT)
    assert "(Postcow)" in arrived.received_field(), arrived.mail
    arrived.check("INBOX", spf="pass", dmarc="pass", client=CLIENT)
    send(t, postfix, dovecot, f"a@{domain}", OTHER).check(
        "Junk", spf="fail", dmarc="fail", client=OTHER)
