"""550 and 451, settings that ask for them, and settings that are wrong."""
import fake_verifier
import message
from case import needs_authres
from dovecot import IS_24

FAIL = ["X-Verdict: dmarc=fail policy=reject mail_from_spf_pass=yes"]


@needs_authres
def test_reject_by_lmtp(t):
    dovecot = fake_verifier.dovecot(
        t, settings={"authres_reject_action": "reject"})
    one, two = dovecot.user(), dovecot.user(authres_reject_action="junk")
    three, four = dovecot.user(), dovecot.user(authres_mode="tag")
    mark = dovecot.mark()
    replies = dovecot.deliver(message.message(extra=FAIL),
                              [one, two, three, four])
    assert [r.code for r in replies] == [550, 250, 550, 250], replies
    for reply in (replies[0], replies[2]):
        assert reply.enhanced == "5.7.1", reply
    assert one.files() == [] and three.files() == []
    assert "$Junk" in two.only_mail("Junk").keywords
    assert "$AuthFail" in four.only_mail().keywords
    assert len(dovecot.verifier.requests) == 1
    dovecot.wait_log(r"lmtp\(" + one.name + r"\).*authres: ", since=mark)


@needs_authres
def test_reject_needs_an_spf_pass_of_mail_from(t):
    dovecot = fake_verifier.dovecot(
        t, settings={"authres_reject_action": "reject"})
    user = dovecot.user()
    reply = dovecot.deliver(message.message(
        extra=["X-Verdict: dmarc=fail policy=reject"]), user)
    assert reply.code == 250, reply
    assert "$Junk" in user.only_mail("Junk").keywords
    user = dovecot.user()
    reply = dovecot.deliver(message.message(extra=[
        "X-Verdict: dmarc=fail policy=quarantine mail_from_spf_pass=yes"]),
        user)
    assert reply.code == 250, reply
    assert user.only_mail("Junk")


@needs_authres
def test_lda_never_rejects(t):
    dovecot = fake_verifier.dovecot(
        t, settings={"authres_reject_action": "reject"})
    user = dovecot.user()
    done = dovecot.lda(message.message(extra=FAIL), user, options=["-e"])
    assert done.returncode == 0, done.stderr
    assert "$Junk" in user.only_mail("Junk").keywords
    assert dovecot.sent_mails() == []


@needs_authres
def test_tempfail_on_temperror(t):
    dovecot = fake_verifier.dovecot(t)
    data = message.message(extra=["X-Verdict: dmarc=temperror temperror=yes"])
    strict = dovecot.user(authres_temperror_action="tempfail")
    lenient = dovecot.user()
    replies = dovecot.deliver(data, [strict, lenient])
    assert [r.code for r in replies] == [451, 250], replies
    assert strict.files() == []
    assert "$AuthTempError" in lenient.only_mail().keywords
    done = dovecot.lda(data, strict, options=["-e"])
    assert done.returncode == 75, done
    assert strict.files() == []


@needs_authres
def test_wrong_settings(t):
    wrong = {"authres_quarantine_action": "jnuk",
             "authres_quarantin_action": "keep"}
    # 2.4 has no such configuration (test_configuration_24), but such a userdb
    dovecot = fake_verifier.dovecot(t, settings={} if IS_24 else wrong)
    user = dovecot.user(**wrong if IS_24 else {})
    errors = dovecot.mark("error")
    for _ in range(2):
        assert dovecot.deliver(message.message(
            extra=["X-Verdict: dmarc=fail policy=quarantine"]),
            user).code == 250
    assert len(user.mails("Junk")) == 2      # the default
    dovecot.wait_log("authres_quarantine_action.*jnuk", "error", errors)
    dovecot.wait_log("Warning: .*authres_quarantin_action", "error", errors)


@needs_authres
def test_wrong_settings_with_tempfail(t):
    wrong = {"authres_quarantine_action": "jnuk"}
    dovecot = fake_verifier.dovecot(
        t, settings={"authres_temperror_action": "tempfail",
                     **({} if IS_24 else wrong)})
    user = dovecot.user(**wrong if IS_24 else {})
    reply = dovecot.deliver(message.message(), user)
    assert reply.code == 451, reply
    assert dovecot.lda(message.message(), user).returncode == 75
    assert user.files() == []
    # who wants no mail moved wants none to wait
    tagged = dovecot.user(authres_mode="tag", **wrong if IS_24 else {})
    assert dovecot.deliver(message.message(), tagged).code == 250
    assert tagged.mails()


@needs_authres
def test_userdb_cannot_change_global_settings(t):
    dovecot = fake_verifier.dovecot(t)
    user = dovecot.user(authres_authserv_id="evil.example",
                        authres_keyword_pass="mine")
    assert dovecot.deliver(message.message(), user).code == 250
    mail = user.only_mail()
    assert mail.authres.startswith("mx.example;")
    assert "mine" in mail.keywords
