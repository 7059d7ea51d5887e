"""Mail that comes by dsync is not judged again: fields and keywords travel."""
import os

import message
from case import needs_authres


def mails(user):
    return {mailbox: [(sorted(mail.keywords), mail.data)
                      for mail in user.mails(mailbox)]
            for mailbox in ("INBOX", "Junk")}


@needs_authres
def test_backup_to_another_user(t):
    dovecot = t.dovecot()
    old, new = dovecot.user(), dovecot.user()
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:192.0.2.31 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"\n')
    for client in ("192.0.2.31", "203.0.113.9"):
        data = message.message(f"a@{domain}", extra=[
            message.received(client, "client.example")])
        assert dovecot.deliver(data, old, f"a@{domain}").code == 250
    before = mails(old)
    assert [len(found) for found in before.values()] == [1, 1]
    mark = dovecot.mark()
    questions = t.dns.mark()
    dovecot.doveadm("backup", "-u", new.name, "-R",
                    "maildir:" + os.path.join(old.home, "Maildir"),
                    check=True)
    assert mails(new) == before
    assert not [line for line in dovecot.log_lines()[mark:]
                if "authres: " in line]
    assert not t.dns.questions(questions)
    assert mails(old) == before
