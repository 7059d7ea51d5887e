"""Keywords reach the message whoever saves it, and join those that are set
there."""
import fake_verifier
import message
from case import needs_authres

FAIL = "X-Verdict: dmarc=fail policy=none"

SIEVE = (
    # script, {mailbox: other keywords and flags}
    ("", {"INBOX": set()}),
    ("keep;", {"INBOX": set()}),
    ('require "imap4flags"; addflag "blue"; keep;', {"INBOX": {"blue"}}),
    ('require "imap4flags"; setflag ["\\\\Flagged", "blue"];',
     {"INBOX": {"blue", "\\Flagged"}}),
    ('require ["imap4flags", "fileinto", "mailbox"]; '
     'fileinto :create :flags "red" "Work";', {"Work": {"red"}}),
    ('require ["fileinto", "mailbox", "copy"]; fileinto :create :copy "A"; '
     'fileinto :create :copy "B"; keep;',
     {"A": set(), "B": set(), "INBOX": set()}),
    ('require ["imap4flags"]; addflag "$AuthFail"; keep;', {"INBOX": set()}),
    ('require ["fileinto"]; fileinto "no/such/../mailbox";',
     {"INBOX": set()}),
    ('require ["editheader"]; addheader "X-Edited" "yes"; keep;',
     {"INBOX": set()}),
    ('require ["fileinto", "mailbox"]; '
     'if header :contains "Authentication-Results" "dmarc=fail" '
     '{ fileinto :create "Seen"; }', {"Seen": set()}),
)


@needs_authres
def test_sieve(t):
    dovecot = fake_verifier.dovecot(
        t, sieve=True, settings={"sieve_extensions": "+editheader"})
    data = message.message(extra=[FAIL])
    for script, expected in SIEVE:
        for lda in (False, True):
            user = dovecot.user()
            if script:
                user.sieve(script + "\n")
            if lda:
                assert dovecot.lda(data, user).returncode == 0
            else:
                assert dovecot.deliver(data, user).code == 250
            for mailbox, flags in expected.items():
                mail = user.only_mail(mailbox)
                found = mail.flags - {"$HasNoAttachment", "$HasAttachment"}
                assert found == flags | {"$AuthFail"}, (script, lda, found)
                assert "dmarc=fail" in mail.fields(
                    "Authentication-Results")[0]
            assert len(user.files()) == len(expected), script


@needs_authres
def test_default_save_of_each_format(t):
    dovecot = fake_verifier.dovecot(t)
    for mail_location in ("maildir:~/Maildir", "sdbox:~/sdbox",
                          "mdbox:~/mdbox"):
        user = dovecot.user(mail=mail_location,
                            authres_keyword_fail="one,two")
        assert dovecot.deliver(message.message(extra=[FAIL]), user).code == 250
        assert user.only_mail().keywords >= {"one", "two"}


@needs_authres
def test_keywords_can_be_off(t):
    dovecot = fake_verifier.dovecot(t, settings={"authres_keyword_pass": ""})
    user = dovecot.user()
    assert dovecot.deliver(message.message(), user).code == 250
    assert "$AuthPass" not in user.only_mail().keywords
