"""Where no verifier is there, the message arrives, without forged fields, in
time, with one error in the log. Where one is there and gives no verdict on this
message, whoever wrote it may have wanted that: 451, never INBOX."""
import time

import fake_verifier
import message
import patience
from case import needs_authres

DATA = message.message(extra=["Authentication-Results: mx.example; dmarc=pass",
                              "X-Verdict: dmarc=fail policy=quarantine"])
# of authres: the fake verifier runs on a busy machine as well
TIMEOUT_SECS = max(3, min(15, round(patience.secs(1))))


def assert_delivered_without_verdict(dovecot, lda=False, users=1):
    users = [dovecot.user() for _ in range(users)]
    errors, infos = dovecot.mark("error"), dovecot.mark("info")
    begin = time.monotonic()
    if lda:
        done = dovecot.lda(DATA, users[0])
        assert done.returncode == 0, done.stderr
    else:
        replies = dovecot.deliver(DATA, users)
        assert {r.code for r in replies} == {250}, replies
    took = time.monotonic() - begin
    assert took < TIMEOUT_SECS + patience.secs(1.5), took
    for user in users:
        mail = user.only_mail()
        fields = mail.fields("Authentication-Results")
        assert fields == [mail.authres], fields
        assert "dmarc=temperror" in fields[0] and "reason=" in fields[0]
        assert "$AuthTempError" in mail.keywords
        dovecot.wait_log(rf"\({user.name}\).*authres: .*temperror",
                         since=infos)
    dovecot.wait_log("authres: ", "error", errors)
    lines = dovecot.log_lines("error")[errors:]
    assert len(lines) == 1 and "Error: authres: " in lines[0], lines
    return took


def assert_not_delivered(dovecot, lda=False, users=1):
    """The MTA keeps it and tries again."""
    users = [dovecot.user() for _ in range(users)]
    errors = dovecot.mark("error")
    begin = time.monotonic()
    if lda:
        done = dovecot.lda(DATA, users[0])
        assert done.returncode == 75, done
    else:
        replies = dovecot.deliver(DATA, users)
        assert {r.code for r in replies} == {451}, replies
    assert time.monotonic() - begin < TIMEOUT_SECS + patience.secs(1.5)
    for user in users:
        assert not user.mails(), user.mails()
        assert not user.mails("Junk")
    dovecot.wait_log("authres: .* - no verdict on this message", "error",
                     errors)
    lines = dovecot.log_lines("error")[errors:]
    assert len(lines) == 1 and "Error: authres: " in lines[0], lines
    return lines[0]


def assert_works(dovecot):
    user = dovecot.user()
    assert dovecot.deliver(DATA, user).code == 250
    assert "dmarc=fail" in user.only_mail("Junk").authres


def dovecot_with_short_timeout(t):
    """One for each test: the next one gets a verifier that works."""
    return fake_verifier.dovecot(
        t, own=True, settings={"authres_timeout": f"{TIMEOUT_SECS}s"})


@needs_authres
def test_not_running(t):
    dovecot = dovecot_with_short_timeout(t)
    dovecot.verifier.stop()
    for lda in (False, True):
        # a reload takes the socket away for a moment
        assert assert_delivered_without_verdict(dovecot, lda) < \
            patience.secs(2.9)
    assert_delivered_without_verdict(dovecot, users=3)
    dovecot.verifier.start()
    assert_works(dovecot)


@needs_authres
def test_silent_from_the_start(t):
    dovecot = dovecot_with_short_timeout(t)
    dovecot.verifier.greeting = None
    dovecot.verifier.delay_secs = 10 * TIMEOUT_SECS
    before = dovecot.verifier.connections
    for lda in (False, True):
        # the whole deadline counts
        assert assert_delivered_without_verdict(dovecot, lda) > \
            TIMEOUT_SECS - 0.5
    assert dovecot.verifier.connections > before + 2
    dovecot.verifier.greeting = fake_verifier.VERSION
    dovecot.verifier.delay_secs = 0
    assert_works(dovecot)


@needs_authres
def test_slow_to_greet(t):
    """A process that was just replaced, or a busy machine."""
    dovecot = dovecot_with_short_timeout(t)
    # every message needs a greeting
    dovecot.verifier.keeps = False
    dovecot.verifier.greeting_delay_secs = 1.3
    assert_works(dovecot)
    dovecot.verifier.greeting_delay_secs = 0
    # one connection hangs for good, the next one does not
    dovecot.verifier.silent_connections = 1
    assert_works(dovecot)
    # closed before they greet
    dovecot.verifier.closed_connections = 4
    assert_works(dovecot)


@needs_authres
def test_too_slow(t):
    dovecot = dovecot_with_short_timeout(t)
    dovecot.verifier.delay_secs = 10 * TIMEOUT_SECS
    for lda in (False, True):
        assert "did not answer in time" in assert_not_delivered(dovecot, lda)
    dovecot.verifier.delay_secs = 0
    assert_works(dovecot)


@needs_authres
def test_hangs_up(t):
    """A message that ends every process that sees it."""
    dovecot = dovecot_with_short_timeout(t)
    dovecot.verifier.answer = lambda request: None
    before = dovecot.verifier.connections
    for lda in (False, True):
        assert "3 times on this message" in assert_not_delivered(dovecot, lda)
    assert dovecot.verifier.connections == before + 6
    assert_not_delivered(dovecot, users=3)
    # for a user whose mail is only tagged there is nothing to wait for
    user = dovecot.user(authres_mode="tag")
    assert dovecot.deliver(DATA, user).code == 250
    assert "gave no verdict" in user.only_mail().authres
    dovecot.verifier.answer = dovecot.verifier.answer_of_field
    assert_works(dovecot)


@needs_authres
def test_hangs_up_once(t):
    dovecot = dovecot_with_short_timeout(t)
    answers = [None, None]

    def answer(request):
        return answers.pop() if answers else \
            dovecot.verifier.answer_of_field(request)
    dovecot.verifier.answer = answer
    assert_works(dovecot)


GARBAGE = [
    b"\0" * 100,
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"FAIL\tout of memory\n",
    b"VERDICT\tdmarc=pass\n",
    b"VERDICT\tdmarc=perhaps\tpolicy=none\toverride=none\torigin=external\t"
    b"client_source=none\n",
    b"RESULT\tspf\tpass\treason=\x01\x1b[31m\n",
    b"RESULT\tspf\tpass\n" * 5000,
    b"RESULT\tspf\tpass\tsmtp.mailfrom=" + b"x" * 300000 + b"\n",
    fake_verifier.verdict().replace(b"header.from", b"header.\xff"),
    b"RESULT\tdmarc\tpass\n",
]


@needs_authres
def test_garbage(t):
    """A reply that is refused is asked for once more, without details."""
    dovecot = dovecot_with_short_timeout(t)
    for garbage in GARBAGE:
        dovecot.verifier.answer = lambda request, g=garbage: g
        assert_not_delivered(dovecot)
        for line in dovecot.log_lines("error"):
            assert line.rstrip("\n").isprintable(), line
    assert_not_delivered(dovecot, lda=True)
    dovecot.verifier.answer = dovecot.verifier.answer_of_field
    for greeting in (b"220 mx.example ESMTP\r\n", b"\0\n",
                     b"VERSION\tauthres-verifier\t2\t0\n",
                     b"VERSION\tother\t1\t0\n", b"x" * 100000):
        dovecot.verifier.greeting = greeting
        assert_delivered_without_verdict(dovecot)
    dovecot.verifier.greeting = fake_verifier.VERSION
    assert_works(dovecot)


@needs_authres
def test_minimal_reply(t):
    dovecot = dovecot_with_short_timeout(t)
    for garbage in GARBAGE[:-1]:
        if garbage.startswith(b"FAIL"):
            continue

        def answer(request, garbage=garbage):
            if request.arguments.get("minimal") != "yes":
                return garbage
            return dovecot.verifier.answer_of_field(request)
        dovecot.verifier.answer = answer
        user, errors = dovecot.user(), dovecot.mark("error")
        assert dovecot.deliver(DATA, user).code == 250
        authres = user.only_mail("Junk").authres
        assert "dmarc=fail" in authres and "no details" in authres, authres
        dovecot.wait_log("asked again for a verdict without details", "error",
                         errors)
        assert len(dovecot.log_lines("error")[errors:]) == 1
