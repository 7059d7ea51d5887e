"""The Received-SPF field, where authres_received_spf is set."""
import os
import re

import message
from case import needs_authres

ON = {"authres_received_spf": "yes"}
FORGED = ("Received-SPF: pass (mx.example: domain of x designates y)\r\n"
          "\treceiver = MX.example; client-ip=192.0.2.66")
FOREIGN = "Received-SPF: fail receiver=other.example; helo=mx.example"


def mail_of(t, domain, **options):
    return message.message(f"a@{domain}", extra=[
        FORGED, message.received("192.0.2.66", "out.example.net"), FOREIGN],
        **options)


def zone(t, record):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 {record}"\n')
    return domain


@needs_authres
def test_written_below_our_field(t):
    dovecot = t.dovecot(settings=ON)
    for record, said, mechanism in (
            ("ip4:192.0.2.0/24 -all", "pass", "ip4:192.0.2.0/24"),
            ("-all", "fail", "all")):
        domain = zone(t, record)
        users = [dovecot.user(), dovecot.user()]
        replies = dovecot.deliver(mail_of(t, domain), users,
                                  mail_from=f"a@{domain}")
        assert [r.code for r in replies] == [250, 250], replies
        for user in users:
            mail = user.only_mail()
            assert f"spf={said}" in mail.authres, mail.authres
            ours, foreign = mail.fields("Received-SPF")
            assert ours.startswith(said + " (mx.example: domain of "), ours
            pairs = dict(re.findall(r'([a-z-]+)="?([^";]*)"?(?:;|$)', ours))
            assert pairs == {
                "identity": "mailfrom", "client-ip": "192.0.2.66",
                "helo": "out.example.net", "envelope-from": f"a@{domain}",
                "receiver": "mx.example",
                "mechanism": mechanism}, ours
            assert foreign == FOREIGN.partition(": ")[2]
            # directly below Authentication-Results
            names = re.findall(rb"(?m)^([A-Za-z-]+):", mail.data)
            assert names[:2] == [b"Authentication-Results",
                                 b"Received-SPF"], names
        # the same bytes for both
        one, two = (os.stat(user.files()[0]).st_ino for user in users)
        assert one == two
    user = dovecot.user()
    assert dovecot.lda(mail_of(t, domain), user,
                       mail_from=f"a@{domain}").returncode == 0
    assert len(user.only_mail().fields("Received-SPF")) == 2


@needs_authres
def test_not_written_where_spf_was_not_evaluated(t):
    dovecot = t.dovecot(settings=ON)
    user = dovecot.user()
    data = message.message(f"a@{t.domain()}", extra=[FORGED, FOREIGN])
    assert dovecot.deliver(data, user).code == 250
    mail = user.only_mail()
    assert "spf=" not in mail.authres
    assert mail.fields("Received-SPF") == [FOREIGN.partition(": ")[2]]


@needs_authres
def test_off_leaves_all_as_it_came(t):
    dovecot = t.dovecot()
    user = dovecot.user()
    domain = zone(t, "ip4:192.0.2.66 -all")
    data = mail_of(t, domain)
    assert dovecot.deliver(data, user, mail_from=f"a@{domain}").code == 250
    mail = user.only_mail()
    assert "spf=pass" in mail.authres
    assert mail.data.endswith(data)
    assert len(mail.fields("Received-SPF")) == 2
