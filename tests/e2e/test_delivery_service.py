"""Delivery with the real verifier, through all that can befall it."""
import os
import signal
import threading
import time

import message
import patience
from case import needs_authres, time_limit
from dovecot import wait_for

FORGED = "Authentication-Results: mx.example; dmarc=pass"
TIMEOUT_SECS = 4


RECEIVED = message.received("192.0.2.66", "out.example.net")


def signed(domain):
    return message.dkim_sign(
        message.message(f"a@{domain}", extra=[RECEIVED, FORGED]), domain)


def zone(t, domain, policy="reject"):
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')


def assert_works(t, dovecot):
    domain = t.domain()
    zone(t, domain)
    user = dovecot.user()
    assert dovecot.deliver(signed(domain), user).code == 250
    mail = user.only_mail()
    assert mail.fields("Authentication-Results") == [mail.authres]
    assert "dmarc=pass" in mail.authres, mail.authres
    assert "$AuthPass" in mail.keywords


def assert_no_verdict(t, dovecot, lda=False):
    domain = t.domain()
    zone(t, domain)
    user = dovecot.user()
    errors = dovecot.mark("error")
    begin = time.monotonic()
    if lda:
        assert dovecot.lda(signed(domain), user).returncode == 0
    else:
        assert dovecot.deliver(signed(domain), user).code == 250
    took = time.monotonic() - begin
    assert took < TIMEOUT_SECS + patience.secs(1.5), took
    mail = user.only_mail()
    assert mail.fields("Authentication-Results") == [mail.authres]
    assert "dmarc=temperror" in mail.authres, mail.authres
    assert "$AuthTempError" in mail.keywords
    dovecot.wait_log("Error: authres: ", "error", errors)
    ours = [line for line in dovecot.log_lines("error")[errors:]
            if f"({user.name})" in line]
    assert len(ours) == 1, ours


def own(t):
    return t.own_dovecot(settings={"authres_timeout": f"{TIMEOUT_SECS}s"})


def verifiers(dovecot):
    return wait_for(lambda: dovecot.processes("authres"), "verifiers")


@needs_authres
def test_pass_and_fail(t):
    dovecot = t.dovecot()
    assert_works(t, dovecot)
    domain = t.domain()
    zone(t, domain)
    for lda in (False, True):
        user = dovecot.user()
        data = message.message(f"a@{domain}", extra=[RECEIVED])
        t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n')
        if lda:
            assert dovecot.lda(data, user,
                               mail_from=f"a@{domain}").returncode == 0
        else:
            assert dovecot.deliver(data, user,
                                   mail_from=f"a@{domain}").code == 250
        mail = user.only_mail("Junk")
        assert "dmarc=fail" in mail.authres, mail.authres
        assert mail.keywords >= {"$AuthFail", "$Junk", "Junk"}


@needs_authres
def test_stopped(t):
    dovecot = own(t)
    assert_works(t, dovecot)
    stopped = verifiers(dovecot)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    for lda in (False, True):
        assert_no_verdict(t, dovecot, lda)
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    assert_works(t, dovecot)


@needs_authres
@time_limit(120)
def test_killed(t):
    dovecot = own(t)
    for _ in range(3):
        assert_works(t, dovecot)
        for pid in verifiers(dovecot):
            os.kill(pid, signal.SIGKILL)
    assert_works(t, dovecot)


@needs_authres
@time_limit(120)
def test_killed_while_it_works(t):
    dovecot = own(t)
    assert_works(t, dovecot)
    domain = t.domain()
    zone(t, domain)
    t.dns.set_delay(1500, f"_dmarc.{domain}")
    user = dovecot.user()
    replies = []
    delivery = threading.Thread(target=lambda: replies.append(
        dovecot.deliver(signed(domain), user)))
    begin = time.monotonic()
    delivery.start()
    wait_for(lambda: any(q.name == f"_dmarc.{domain}"
                         for q in t.dns.questions()), "the question")
    for pid in verifiers(dovecot):
        os.kill(pid, signal.SIGKILL)
    delivery.join()
    assert time.monotonic() - begin < TIMEOUT_SECS + patience.secs(1.5)
    assert replies[0].code == 250
    mail = user.only_mail()
    # asked again within the deadline, or given up in time
    assert "dmarc=pass" in mail.authres or \
        "dmarc=temperror" in mail.authres, mail.authres
    assert mail.fields("Authentication-Results") == [mail.authres]
    assert_works(t, dovecot)


@needs_authres
def test_dns_is_silent(t):
    dovecot = own(t)
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f"_dmarc.{domain}. TIMEOUT\n")
    user = dovecot.user()
    errors = dovecot.mark("error")
    assert dovecot.deliver(signed(domain), user).code == 250
    mail = user.only_mail()
    assert "dmarc=temperror" in mail.authres, mail.authres
    assert "$AuthTempError" in mail.keywords
    # a zone's trouble is no error of ours
    assert not [line for line in dovecot.log_lines("error")[errors:]
                if f"({user.name})" in line]
