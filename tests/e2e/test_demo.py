"""The sample messages of tests/demo end up where it says they do."""
import os
import re

import message
from case import needs_authres
from demo import find, move_back, start
from samples import samples


@needs_authres
def test_samples(t):
    dns, dovecot, user = start(t.directory("d"))
    t.own(dovecot)
    t.own(dns)
    wrong = []
    for sample in samples():
        reply = dovecot.deliver(sample.data, user, sample.mail_from)
        assert reply.code == 250, (sample.title, reply)
        message_id = re.search(rb"Message-ID: (\S+)", sample.data).group(1)
        mailbox, mail = find(user, message_id.decode())
        if sample.moved_back:
            move_back(user, mail)
            moved, back = find(user, message_id.decode())
            assert moved == "INBOX" and "$NotJunk" in back.keywords, moved
        if mailbox != sample.mailbox or \
                f"dmarc={sample.dmarc}" not in mail.authres or \
                not mail.keywords >= set(sample.keywords):
            wrong.append((sample.title, mailbox, mail.keywords, mail.authres))
        # what arrived is what was sent, without forged fields of ours
        sent = re.sub(rb"(?im)^authentication-results:.*\r\n(?:[ \t].*\r\n)*",
                      b"", sample.data)
        assert mail.data.endswith(sent), sample.title
        assert len(mail.fields("Authentication-Results")) == 1, sample.title
    assert not wrong, wrong


def test_zone_has_the_keys_of_the_data_directory(t):
    with open(os.path.join(message.DATA, "demo.zone"), encoding="utf-8") as f:
        text = "".join(re.findall(r'"([^"]*)"', f.read()))
    for key in (message.RSA, message.ED25519):
        assert "p=" + key.public_base64() in text
