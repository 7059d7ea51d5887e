"""What the verifier asks of DNS and when, seen by the DNS server: all that is
known is asked at once, and a message waits for its longest chain of names.

Answers take DELAY_MSECS, so "at once" is not a matter of a fast machine: the
last question of a wave must be there before the first answer of it left.
A question is asked again after 800 ms: what is repeated does not count.
"""
import re
import socket
import threading

import message
import patience
import verifier
from case import needs_authres
from dovecot import wait_for

DELAY_MSECS = min(700, round(patience.secs(250)))
CLIENT = "192.0.2.25"


def received(helo):
    return message.received(CLIENT, helo)


def wait_ms(dovecot, user):
    """(questions, waves, milliseconds) from the line in the log."""
    line = dovecot.wait_log(rf"\({user.name}\).*authres: .*dns=")
    return tuple(map(int, re.search(r"dns=(\d+)q/(\d+)w/(\d+)ms",
                                    line).groups()))


def own(t, **options):
    """A Dovecot and the DNS server that only it asks."""
    dns = t.own_dns()
    return t.own_dovecot(dns=dns, **options), dns


def deliver(dns, dovecot, data, mail_from):
    """Returns (user, the questions of this message). dns: a server that
    nobody else asks."""
    user = dovecot.user()
    mark = dns.mark()
    assert dovecot.deliver(data, user, mail_from).code == 250
    first = {}
    for question in dns.questions(mark):
        first.setdefault(question[2:5], question)
    return user, list(first.values())


@needs_authres
def test_all_known_names_are_asked_at_once(t):
    dovecot, dns = own(t)
    domain = t.domain()
    author = f"very.deep.below.{domain}"
    dns.add_zone(
        message.RSA.record("s1", domain) +
        message.ED25519.record("s2", domain) +
        message.RSA.record("s3", "list." + domain) +
        f'bounce.{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
        f'helo.{domain}. TXT "v=spf1 a -all"\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.message(f"a@{author}")
    for name, selector, key in (("list." + domain, "s3", message.RSA),
                                (domain, "s2", message.ED25519),
                                (domain, "s1", message.RSA)):
        data = message.dkim_sign(data, name, selector, key)
    data = received(f"helo.{domain}").encode() + b"\r\n" + data
    dns.set_delay(DELAY_MSECS)
    try:
        user, asked = deliver(dns, dovecot, data, f"x@bounce.{domain}")
    finally:
        dns.set_delay(0)
    assert "dmarc=pass" in user.only_mail().authres
    names = {q.name for q in asked if q.type == "TXT"}
    parent = domain.split(".", 1)[1]
    known = {f"s1._domainkey.{domain}", f"s2._domainkey.{domain}",
             f"s3._domainkey.list.{domain}", f"bounce.{domain}",
             f"helo.{domain}"}
    walk = {f"_dmarc.{author}", f"_dmarc.deep.below.{domain}",
            f"_dmarc.below.{domain}", f"_dmarc.{domain}",
            f"_dmarc.{parent}", f"_dmarc.{parent.split('.')[-1]}"}
    assert names >= known | walk, (known | walk) - names
    first = [q for q in asked if q.type == "TXT"]
    last_start = max(q.start for q in first)
    assert last_start < min(q.answered for q in first), asked
    assert last_start - first[0].start < DELAY_MSECS / 2
    # the longest chain is: HELO's record, then its "a"
    questions, waves, msecs = wait_ms(dovecot, user)
    assert waves == 2, (questions, waves, msecs)
    assert 2 * DELAY_MSECS <= msecs < len(asked) * DELAY_MSECS / 2, msecs


@needs_authres
def test_a_message_waits_for_its_longest_chain(t):
    """SPF needs three names one after the other; three keys, the walk and
    another branch of includes cost nothing on top."""
    dovecot, dns = own(t)
    domain = t.domain()
    dns.add_zone(
        message.RSA.record("s1", domain) +
        f'{domain}. TXT "v=spf1 include:left.{domain} include:right.{domain}'
        f' -all"\n'
        f'left.{domain}. TXT "v=spf1 include:left2.{domain} ?all"\n'
        f'left2.{domain}. TXT "v=spf1 ip4:198.51.100.1 ?all"\n'
        f'right.{domain}. TXT "v=spf1 include:right2.{domain} ?all"\n'
        f'right2.{domain}. TXT "v=spf1 ip4:{CLIENT} ?all"\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = received("helo.invalid").encode() + b"\r\n" + message.dkim_sign(
        message.message(f"a@{domain}"), domain)
    dns.set_delay(DELAY_MSECS)
    try:
        user, asked = deliver(dns, dovecot, data, f"x@{domain}")
    finally:
        dns.set_delay(0)
    assert "spf=pass" in user.only_mail().authres
    at = {q.name: q for q in asked if q.type == "TXT"}
    for later, earlier in (("left", ""), ("left2", "left."),
                           ("right2", "right.")):
        assert at[f"{later}.{domain}"].start >= \
            at[f"{earlier}{domain}"].answered
    for one, other in (("left", "right"), ("left2", "right2")):
        assert at[f"{one}.{domain}"].start < at[f"{other}.{domain}"].answered
        assert at[f"{other}.{domain}"].start < at[f"{one}.{domain}"].answered
    questions, waves, msecs = wait_ms(dovecot, user)
    assert waves == 3, (questions, waves, msecs)
    assert 3 * DELAY_MSECS <= msecs < len(asked) * DELAY_MSECS / 2, msecs


@needs_authres
def test_answers_of_a_slow_link_count(t):
    """Every answer takes 1.5 seconds: mail waits, and gets its verdict."""
    dovecot = t.dovecot()
    domains = [t.domain() for _ in range(8)]
    for domain in domains:
        t.dns.add_zone(message.RSA.record("s1", domain) +
                       f'{domain}. TXT "v=spf1 include:spf.{domain} -all"\n'
                       f'spf.{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
                       f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    users = [dovecot.user() for _ in domains]
    threads = [threading.Thread(target=dovecot.deliver, args=(
        received(f"helo.{domain}").encode() + b"\r\n" + message.dkim_sign(
            message.message(f"a@{domain}"), domain), user, f"b@{domain}"))
        for domain, user in zip(domains, users)]
    t.dns.set_delay(1500)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        t.dns.set_delay(0)
    for user in users:
        field = user.only_mail().authres
        for word in ("spf=pass", "dkim=pass", "dmarc=pass"):
            assert word in field, field


@needs_authres
def test_asked_while_the_body_is_still_arriving(t):
    dovecot = t.dovecot()
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    signed = message.dkim_sign(message.message(f"a@{domain}"), domain)
    head, _, body = signed.partition(b"\r\n\r\n")
    connection = verifier.Connection(dovecot)
    mark = t.dns.mark()
    connection.request()
    connection.send(b"%d\n%s\r\n\r\n" % (len(head) + 4, head))
    wanted = {f"s1._domainkey.{domain}", f"_dmarc.{domain}"}
    wait_for(lambda: wanted <= {q.name for q in t.dns.questions(mark)},
             "the questions before the body")
    connection.message(body)
    results, _ = connection.reply()
    assert ["dkim", "pass"] in [r[:2] for r in results], results
    connection.close()


@needs_authres
def test_the_next_message_finds_answers_in_the_caches(t):
    dovecot, dns = own(t, config=verifier.ONE_PROCESS)
    domain = t.domain()
    dns.add_zone(message.RSA.record("s1", domain) +
                 f'{domain}. TXT "v=spf1 mx -all"\n'
                 f'{domain}. MX 10 mx.{domain}.\n'
                 f'mx.{domain}. A {CLIENT}\n'
                 f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.dkim_sign(message.message(f"a@{domain}"), domain)
    data = message.dkim_sign(data, domain)  # the same key again
    data = received(f"mx.{domain}").encode() + b"\r\n" + data
    for expected in (True, False):
        user, asked = deliver(dns, dovecot, data, f"x@{domain}")
        authres = user.only_mail().authres
        assert authres.count("dkim=pass") == 2 and "spf=pass" in authres
        assert bool(asked) == expected, asked


@needs_authres
def test_a_message_without_anything_to_ask(t):
    dovecot, dns = own(t)
    user, asked = deliver(dns, dovecot, b"Subject: nobody\r\n\r\nx\r\n", "")
    assert asked == []
    assert user.only_mail().authres


@needs_authres
def test_keys_too_big_for_udp_come_by_tcp(t):
    dovecot, dns = own(t)
    domain = t.domain()
    key = message.Key("rsa", 4096)
    dns.add_zone(key.record("big", domain, "n=" + "x" * 900 + "; ") +
                 f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.dkim_sign(message.message(f"a@{domain}"), domain, "big",
                             key)
    user, asked = deliver(dns, dovecot, data, "")
    assert "dkim=pass (4096-bit rsa key)" in user.only_mail().authres
    assert "tcp" in {q.transport for q in asked
                     if q.name == f"big._domainkey.{domain}"}


@needs_authres
def test_dns_server_that_refuses_and_recovers(t):
    """Nobody listens at the configured port: temperror, then all is well as
    soon as somebody does."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    dovecot = t.own_dovecot(settings={
        "authres_dns_servers": f"127.0.0.1@{port}",
        "authres_timeout": "3s"})
    domain = t.domain()
    zone = (message.RSA.record("s1", domain) +
            f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.dkim_sign(message.message(f"a@{domain}"), domain)
    user = dovecot.user()
    assert dovecot.deliver(data, user).code == 250
    assert "dmarc=temperror" in user.only_mail().authres
    t.own_dns(zone, port=port)

    def passes():
        user = dovecot.user()
        assert dovecot.deliver(data, user).code == 250
        return "dmarc=pass" in user.only_mail().authres
    wait_for(passes, "a verdict after DNS came back", timeout=40)
