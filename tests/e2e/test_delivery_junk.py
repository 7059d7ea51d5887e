"""Mail that fails a quarantine or reject policy goes to Junk."""
import os

import fake_verifier
import message
from case import needs_authres
from dovecot import MAIL_UID

QUARANTINE = message.message(
    extra=["X-Verdict: dmarc=fail policy=quarantine"])
REJECT = message.message(extra=["X-Verdict: dmarc=fail policy=reject"])
NONE = message.message(extra=["X-Verdict: dmarc=fail policy=none"])

SPAM_IS_JUNK = """
namespace inbox {
  prefix = %s
  separator = /
  mailbox Spam {
    special_use = \\Junk
    auto = %s
  }
}
"""


def assert_junk(user, mailbox="Junk"):
    mail = user.only_mail(mailbox)
    assert mail.keywords >= {"$AuthFail", "$Junk", "Junk"}, mail.flags
    assert "dmarc=fail" in mail.authres
    assert user.mails("INBOX") == []
    assert mailbox in user.mailboxes(subscribed=True)
    assert len(user.files()) == 1
    return mail


@needs_authres
def test_created_and_subscribed(t):
    dovecot = fake_verifier.dovecot(t)
    for data in (QUARANTINE, REJECT):
        for lda in (False, True):
            user = dovecot.user()
            if lda:
                assert dovecot.lda(data, user).returncode == 0
            else:
                assert dovecot.deliver(data, user).code == 250
            assert_junk(user)
    user = dovecot.user()
    assert dovecot.deliver(NONE, user).code == 250
    mail = user.only_mail()
    assert "$AuthFail" in mail.keywords
    assert not mail.keywords & {"$Junk", "Junk"}
    assert "Junk" not in user.mailboxes()


@needs_authres
def test_special_use(t):
    for prefix, auto in (("", "no"), ("", "create"), ("", "subscribe"),
                         ("INBOX/", "no"), ("INBOX/", "create")):
        dovecot = fake_verifier.dovecot(t, config=SPAM_IS_JUNK %
                                        (prefix, auto))
        user = dovecot.user()
        for _ in range(2):
            assert dovecot.deliver(QUARANTINE, user).code == 250
        assert len(user.mails(prefix + "Spam")) == 2, (prefix, auto)
        assert prefix + "Spam" in user.mailboxes(subscribed=True)
        assert prefix + "Junk" not in user.mailboxes()


@needs_authres
def test_own_name(t):
    dovecot = fake_verifier.dovecot(
        t, config="namespace inbox {\n  prefix = INBOX/\n"
                  "  separator = /\n}\n")
    user = dovecot.user(authres_junk_mailbox="INBOX/Quarantine")
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert_junk(user, "INBOX/Quarantine")
    user = dovecot.user(authres_junk_mailbox="Quarantine")
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert_junk(user, "INBOX/Quarantine")
    user = dovecot.user()
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert_junk(user, "INBOX/Junk")


@needs_authres
def test_name_that_cannot_be_had(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user(authres_junk_mailbox="a//b")
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert_junk(user)


@needs_authres
def test_no_junk_now_means_another_attempt_and_one_error(t):
    """Never INBOX: a stranger may be who wants it there."""
    dovecot = fake_verifier.dovecot(t)
    for in_the_way in (True, False):
        user = dovecot.user(mail="maildir:~/Maildir:CONTROL=~/c:INDEX=~/i")
        for name in ("", "cur", "new", "tmp"):
            path = os.path.join(user.home, "Maildir", name)
            os.mkdir(path)
            os.chown(path, MAIL_UID, MAIL_UID)
        if in_the_way:
            user.write("Maildir/.Junk", "")
        else:
            user.mails()  # 2.4 creates INBOX on first use
            os.chmod(os.path.join(user.home, "Maildir"), 0o500)
        errors = dovecot.mark("error")
        assert dovecot.deliver(QUARANTINE, user).code == 451
        assert user.mails() == []
        dovecot.wait_log("Error: authres: .*not delivered", "error", errors)
        ours = [line for line in dovecot.log_lines("error")[errors:]
                if "authres: " in line]
        assert len(ours) == 1, ours


@needs_authres
def test_sieve_is_skipped(t):
    dovecot = fake_verifier.dovecot(t, sieve=True)
    script = ('require ["vacation", "fileinto", "mailbox"];\n'
              'vacation "away";\nredirect "else@example.net";\n'
              'fileinto :create "Work";\n')
    for lda in (False, True):
        user = dovecot.user()
        user.sieve(script)
        data = message.message(to=f"<{user.address}>", extra=[
            "X-Verdict: dmarc=fail policy=quarantine"])
        if lda:
            assert dovecot.lda(data, user).returncode == 0
        else:
            assert dovecot.deliver(data, user).code == 250
        assert_junk(user)
    assert dovecot.sent_mails() == []


@needs_authres
def test_sieve_is_run_when_set(t):
    dovecot = fake_verifier.dovecot(t, sieve=True)
    user = dovecot.user(authres_junk_sieve="run")
    user.sieve('require "imap4flags"; addflag "seen-by-sieve"; keep;\n')
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert "seen-by-sieve" in assert_junk(user).keywords
    user = dovecot.user(authres_junk_sieve="run")
    user.sieve('require ["fileinto", "mailbox"]; fileinto :create "Work";\n')
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert "$Junk" in user.only_mail("Work").keywords
    user = dovecot.user(authres_junk_sieve="run")
    assert dovecot.deliver(QUARANTINE, user).code == 250
    assert_junk(user)


@needs_authres
def test_detail_and_m_lose_against_junk(t):
    dovecot = fake_verifier.dovecot(
        t, config="lmtp_save_to_detail_mailbox = yes\n"
                  "lda_mailbox_autocreate = yes\n")
    user = dovecot.user()
    assert dovecot.deliver(QUARANTINE,
                           f"{user.name}+Detail@mx.example").code == 250
    assert_junk(user)
    user = dovecot.user()
    assert dovecot.lda(QUARANTINE, user,
                       options=["-m", "Detail"]).returncode == 0
    assert_junk(user)
    user = dovecot.user()
    assert dovecot.deliver(NONE, f"{user.name}+Detail@mx.example").code == 250
    assert "$AuthFail" in user.only_mail("Detail").keywords


@needs_authres
def test_shared_namespace_is_only_tagged(t):
    public = t.directory("public")
    dovecot = fake_verifier.dovecot(
        t, config=f"lmtp_save_to_detail_mailbox = yes\n"
                  f"lda_mailbox_autocreate = yes\n"
                  f"namespace inbox {{\n  separator = /\n}}\n"
                  f"namespace public {{\n  type = public\n"
                  f"  prefix = Public/\n  separator = /\n"
                  f"  location = maildir:{public}\n}}\n")
    os.chmod(public, 0o777)
    user = dovecot.user()
    done = dovecot.lda(QUARANTINE, user, options=["-m", "Public/List"])
    assert done.returncode == 0
    mail = user.only_mail("Public/List")
    assert "$AuthFail" in mail.keywords
    assert not mail.keywords & {"$Junk", "Junk"}
    assert "Junk" not in user.mailboxes()


@needs_authres
def test_tag_keep_and_off(t):
    dovecot = fake_verifier.dovecot(t)
    for settings in (dict(authres_mode="tag"),
                     dict(authres_quarantine_action="keep",
                          authres_reject_action="keep")):
        for data in (QUARANTINE, REJECT):
            user = dovecot.user(**settings)
            assert dovecot.deliver(data, user).code == 250
            mail = user.only_mail()
            assert "$AuthFail" in mail.keywords
            assert "dmarc=fail" in mail.authres
    for settings in (dict(authres_mode="off"), dict(mail_plugins="acl")):
        user = dovecot.user(**settings)
        forged = message.message(extra=[
            "Authentication-Results: mx.example; dmarc=pass",
            "X-Verdict: dmarc=fail policy=reject"])
        assert dovecot.deliver(forged, user).code == 250
        mail = user.only_mail()
        assert not mail.keywords - {"$HasNoAttachment"}, mail.flags
        assert mail.data.endswith(forged)
        assert len(mail.fields("Authentication-Results")) == 1


SEVERAL = """
namespace inbox {
  prefix =
  separator = /
  mailbox Spam {
    special_use = \\Junk
    auto = %s
  }
  mailbox "Junk E-mail" {
    special_use = \\Junk
    auto = %s
  }
  mailbox Junk {
    special_use = \\Junk
    auto = %s
  }
}
"""


@needs_authres
def test_several_with_special_use(t):
    for autos, made, wanted in (
            # auto= comes first, wherever it stands
            (("no", "no", "subscribe"), ("Spam", "Junk E-mail"), "Junk"),
            (("no", "create", "no"), ("Spam", "Junk"), "Junk E-mail"),
            (("create", "create", "no"), ("Junk",), "Spam"),
            # then the first of the configuration that exists, and not the one
            # that was made last
            (("no", "no", "no"), ("Junk", "Junk E-mail"), "Junk E-mail"),
            (("no", "no", "no"), ("Junk",), "Junk"),
            (("no", "no", "no"), ("Spam", "Junk E-mail", "Junk"), "Spam"),
            (("no", "no", "no"), ("Junk", "Junk E-mail", "Spam"), "Spam"),
            # then the first of the configuration
            (("no", "no", "no"), (), "Spam")):
        dovecot = fake_verifier.dovecot(t, config=SEVERAL % autos)
        user = dovecot.user()
        client = user.imap()
        for name in made:
            client.create(f'"{name}"')
        client.logout()
        for _ in range(2):
            assert dovecot.deliver(QUARANTINE, user).code == 250
        assert len(user.mails(wanted)) == 2, (autos, made)
