"""Junk that cannot take mail: INBOX is not what a stranger gets for it, and
nobody a bounce."""
import os

import fake_verifier
import message
from case import needs_authres
from dovecot import IS_24, MAIL_UID

FAIL = "X-Verdict: dmarc=fail policy=reject author_domain=example.org"
BIG = "x" * 70 + "\r\n" + "y" * 5000 + "\r\n"


def full(t):
    """There is room for it in INBOX, and in no other mailbox."""
    return fake_verifier.dovecot(t, plugins="quota", settings={
        "quota": "count:User quota", "quota_vsizes": "yes",
        "quota_rule": "*:storage=1k", "quota_rule2": "INBOX:storage=+1M"})


@needs_authres
def test_a_stranger_fills_junk(t):
    if IS_24:
        t.skip("a quota of one mailbox is written otherwise")
    dovecot = full(t)
    user = dovecot.user()
    forged = message.message(body=BIG, extra=[FAIL])
    reply = dovecot.deliver(forged, user)
    assert reply.code == 552, reply
    assert user.mails() == [] and user.mails("Junk") == []
    # dovecot-lda leaves it to the MTA, and sends nothing itself
    for options in ([], ["-e"]):
        done = dovecot.lda(forged, user, options=options)
        assert done.returncode == 75, (options, done)
    assert dovecot.sent_mails() == []
    assert user.mails() == [] and user.mails("Junk") == []
    # other mail comes as ever
    assert dovecot.deliver(message.message(body=BIG), user).code == 250
    user.only_mail()


@needs_authres
def test_lda_bounces_nothing_that_is_not_proven(t):
    """Over quota altogether, or kept by the user's own wish."""
    dovecot = fake_verifier.dovecot(
        t, plugins="quota", settings={"quota": "count:User quota",
                                      "quota_vsizes": "yes",
                                      "quota_rule": "*:storage=1k"})
    forged = message.message(body=BIG, extra=[FAIL])
    for userdb in ({}, {"authres_mode": "tag"},
                   {"authres_reject_action": "keep"}):
        done = dovecot.lda(forged, dovecot.user(**userdb))
        assert done.returncode == 75, (userdb, done)
    assert dovecot.sent_mails() == []
    # as Dovecot does for what is proven
    done = dovecot.lda(message.message(
        body=BIG, extra=["X-Verdict: dmarc=pass"]), dovecot.user())
    assert done.returncode == 0 and len(dovecot.sent_mails()) == 1, done


@needs_authres
def test_junk_is_not_writable(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user()
    forged = message.message(extra=[FAIL])
    assert dovecot.deliver(forged, user).code == 250
    path = os.path.join(user.home, "Maildir", ".Junk", "tmp")
    new = os.path.join(user.home, "Maildir", ".Junk")
    for directory in (path, os.path.join(new, "cur"),
                      os.path.join(new, "new"), new):
        os.chown(directory, 0, 0)
        os.chmod(directory, 0o755)
    errors = dovecot.mark("error")
    assert dovecot.deliver(forged, user).code == 451
    assert dovecot.lda(forged, user).returncode == 75
    assert user.mails() == []
    for directory in (path, os.path.join(new, "cur"),
                      os.path.join(new, "new"), new):
        os.chown(directory, MAIL_UID, MAIL_UID)
        os.chmod(directory, 0o700)
    assert dovecot.deliver(forged, user).code == 250
    assert len(user.mails("Junk")) == 2 and user.mails() == []
    dovecot.wait_log("Mailbox Junk: .*failed", "error", errors)


@needs_authres
def test_junk_cannot_be_created(t):
    """Not now: another attempt. Not at all: INBOX."""
    dovecot = fake_verifier.dovecot(t)
    forged = message.message(extra=[FAIL])
    user = dovecot.user()
    assert dovecot.deliver(message.message(), user).code == 250
    maildir = os.path.join(user.home, "Maildir")
    os.chown(maildir, 0, 0)
    os.chmod(maildir, 0o755)
    assert dovecot.deliver(forged, user).code == 451
    os.chown(maildir, MAIL_UID, MAIL_UID)
    os.chmod(maildir, 0o700)
    assert dovecot.deliver(forged, user).code == 250
    user.only_mail("Junk")
    user.only_mail()
