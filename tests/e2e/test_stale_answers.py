"""The last known policy holds while DNS does not tell it (RFC 8767): whoever
silences the DNS servers of an author wins nothing."""
import os
import re
import signal
import time

import message
from case import needs_authres, time_limit
from dovecot import wait_for

CLIENT = "192.0.2.25"
FORGER = "203.0.113.66"


def settings(**more):
    return {"authres_timeout": "6s", **more}


def zone(t, domain, policy="reject"):
    """A domain whose SPF needs TXT, A and MX of several names."""
    t.dns.add_zone(
        message.RSA.record("s1", domain) +
        f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n'
        f'{domain}. TXT "v=spf1 mx include:spf.{domain} -all"\n'
        f'{domain}. MX 10 mx.{domain}.\n'
        f'mx.{domain}. A 192.0.2.99\n'
        f'spf.{domain}. TXT "v=spf1 a:out.{domain} -all"\n'
        f'out.{domain}. A {CLIENT}\n')


def silence(t, domain):
    t.dns.add_zone("".join(
        f"{name}{domain}. TIMEOUT\n"
        for name in ("", "_dmarc.", "s1._domainkey.", "mx.", "spf.", "out.")))


def signed(domain):
    """By its DKIM and SPF."""
    return message.dkim_sign(message.message(
        f"a@{domain}", extra=[message.received(CLIENT, "out.example.net")]),
        domain)


def unsigned(domain, client):
    return message.message(
        f"a@{domain}", extra=[message.received(client, "out.example.net")])


def deliver(dovecot, domain, data):
    """As an MTA does: while Dovecot reloads it is told 451, or nothing."""
    user = dovecot.user()

    def accepted():
        try:
            return dovecot.deliver(data, user,
                                   mail_from=f"a@{domain}").code == 250
        except (OSError, EOFError):
            return False
    wait_for(accepted, "a delivery")
    return user


def kill_verifiers(dovecot):
    """Nothing is left in the memory of any process, and as if the TTL of all
    answers were over."""
    pids = wait_for(lambda: dovecot.processes("authres"), "verifiers")
    os.unlink(os.path.join(dovecot.base_dir, "authres-fresh-answers"))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not set(pids) & set(dovecot.processes("authres")),
             "their end")


def learn(dovecot, domain):
    """Good mail, judged by fresh answers."""
    mail = deliver(dovecot, domain, signed(domain)).only_mail()
    assert "dmarc=pass (p=reject)" in mail.authres, mail.authres
    assert "spf=pass" in mail.authres and "dkim=pass" in mail.authres
    assert "(stale" not in mail.authres


def assert_stale(dovecot, domain):
    """Good mail passes, forged mail goes to Junk, and both say on what that
    rests."""
    user = deliver(dovecot, domain, signed(domain))
    mail = user.only_mail()
    text = " ".join(mail.authres.split())
    assert "dmarc=pass (stale, p=reject)" in text, text
    assert "dkim=pass (stale, 2048-bit rsa key)" in text, text
    assert "spf=pass (stale, include:" in text, text
    assert "$AuthPass" in mail.keywords
    line = dovecot.wait_log(rf"\({user.name}\).*authres: ")
    assert "dmarc=pass (stale) " in line, line
    # by SPF alone
    mail = deliver(dovecot, domain, unsigned(domain, CLIENT)).only_mail()
    assert "dmarc=pass (stale" in mail.authres, mail.authres

    user = deliver(dovecot, domain, unsigned(domain, FORGER))
    mail = user.only_mail("Junk")
    text = " ".join(mail.authres.split())
    assert "dmarc=fail (stale, p=reject)" in text, text
    assert "spf=fail (stale, all in " in text, text
    assert mail.keywords >= {"$AuthFail", "$Junk"}
    told = " ".join(dovecot.doveadm(
        "authres", "explain", "-u", user.name, "Junk", "1").stdout.split())
    assert "this is the last policy that was seen." in told, told
    assert "so an earlier answer was used" in told, told


@needs_authres
@time_limit(120)
def test_last_known_policy_survives_processes(t):
    dovecot = t.own_dovecot(settings=settings())
    domain = t.domain()
    zone(t, domain)
    learn(dovecot, domain)
    silence(t, domain)
    kill_verifiers(dovecot)
    assert_stale(dovecot, domain)
    dovecot.reload()
    kill_verifiers(dovecot)
    assert_stale(dovecot, domain)
    dovecot.stop()
    dovecot.start()
    assert_stale(dovecot, domain)
    assert not [line for line in dovecot.log_lines("error")
                if "stale_policy" in line]


@needs_authres
@time_limit(120)
def test_a_silent_domain_is_waited_for_once(t):
    """However long the chain of its names: here six, 1.8 s each."""
    dovecot = t.own_dovecot(settings=settings(authres_timeout="14s"))
    domain = t.domain()
    links = [domain] + [f"s{i}.{domain}" for i in range(5)]
    t.dns.add_zone(
        f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n' + "".join(
            f'{name}. TXT "v=spf1 include:{below} -all"\n'
            for name, below in zip(links, links[1:])) +
        f'{links[-1]}. TXT "v=spf1 ip4:{CLIENT} -all"\n')

    def delivered():
        user = deliver(dovecot, domain, unsigned(domain, CLIENT))
        line = dovecot.wait_log(rf"\({user.name}\).*authres: ")
        return (user.only_mail().authres,
                int(re.search(r"dns=\d+q/\d+w/(\d+)ms", line)[1]))
    authres, _ = delivered()
    assert "dmarc=pass (p=reject)" in authres, authres
    t.dns.add_zone("".join(f"{name}. TIMEOUT\n"
                           for name in links + ["_dmarc." + domain]))
    kill_verifiers(dovecot)
    authres, msecs = delivered()
    assert "dmarc=pass (stale" in authres, authres
    assert 1700 < msecs < 5 * 1800, msecs


@needs_authres
@time_limit(120)
def test_a_newer_policy_counts_at_once(t):
    dovecot = t.own_dovecot(settings=settings())
    domain = t.domain()
    zone(t, domain)
    learn(dovecot, domain)
    kill_verifiers(dovecot)
    t.dns.add_zone("\n")
    for text in list(t.dns._texts):
        if f"_dmarc.{domain}." in text:
            t.dns._texts.remove(text)
    zone(t, domain, "none")
    mail = deliver(dovecot, domain, unsigned(domain, FORGER)).only_mail()
    assert "dmarc=fail (p=none)" in mail.authres, mail.authres
    silence(t, domain)
    kill_verifiers(dovecot)
    mail = deliver(dovecot, domain, unsigned(domain, FORGER)).only_mail()
    assert "dmarc=fail (stale, p=none)" in mail.authres, mail.authres


def assert_temperror(t, dovecot, age_secs=0):
    """age_secs: how old the answers are that must not be used."""
    domain = t.domain()
    zone(t, domain)
    learn(dovecot, domain)
    too_old = time.monotonic() + age_secs
    silence(t, domain)
    kill_verifiers(dovecot)
    wait_for(lambda: time.monotonic() >= too_old, "answers that are too old")
    mail = deliver(dovecot, domain, signed(domain)).only_mail()
    assert "dmarc=temperror" in mail.authres, mail.authres
    assert "(stale" not in mail.authres, mail.authres


@needs_authres
def test_too_old_is_temperror(t):
    # ages are counted in seconds
    assert_temperror(t, t.own_dovecot(settings=settings(
        authres_stale_policy="1s")), 2.5)


@needs_authres
def test_switched_off(t):
    dovecot = t.own_dovecot(settings=settings(authres_stale_policy="0"))
    assert_temperror(t, dovecot)
    assert "authres-known-answers" not in os.listdir(dovecot.base_dir)


@needs_authres
def test_never_seen_is_temperror(t):
    dovecot = t.dovecot(settings=settings())
    domain = t.domain()
    zone(t, domain)
    silence(t, domain)
    mail = deliver(dovecot, domain, signed(domain)).only_mail()
    assert "dmarc=temperror" in mail.authres, mail.authres


@needs_authres
@time_limit(120)
def test_unknown_subdomain_of_a_silent_domain(t):
    """The policy of the organization is known, that of a name below it that
    nobody ever saw is not: no way into INBOX."""
    dovecot = t.own_dovecot(settings=settings())
    domain = t.domain()
    zone(t, domain)
    learn(dovecot, domain)
    silence(t, domain)
    t.dns.add_zone(f"new.{domain}. TIMEOUT\n_dmarc.new.{domain}. TIMEOUT\n")
    kill_verifiers(dovecot)
    user = dovecot.user()
    reply = dovecot.deliver(unsigned(f"new.{domain}", FORGER), user,
                            mail_from=f"a@new.{domain}")
    assert not user.mails("INBOX"), user.mails("INBOX")[0].authres
    assert reply.code in (250, 451), reply
