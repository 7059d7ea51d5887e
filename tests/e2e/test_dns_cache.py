"""What is asked of DNS, counted by the DNS server: a message that nobody knows
costs the questions it needs, and what one verifier process was answered none of
them asks again."""
import os
import signal

import message
import verifier
from case import needs_authres, time_limit
from dovecot import wait_for

CLIENT = "192.0.2.25"
FORGER = "192.0.2.66"
PROCESSES = 3
SEVERAL = (f"service authres {{\n  process_min_avail = {PROCESSES}\n"
           f"  process_limit = {PROCESSES}\n}}\n")
# The names above all domains, which have no policy.
TOP = ". 86400 SOA ns. root. 1 3600 600 86400 86400\n"


def own(t):
    """A Dovecot and the DNS server that only it asks."""
    dns = t.own_dns(TOP)
    return t.own_dovecot(config=SEVERAL, dns=dns), dns


def zone(dns, domain, ttl=3600, negative_ttl=3600):
    """An author with a key, a policy and an include, whose HELO name has no
    record."""
    dns.add_zone(
        f"{domain}. {ttl} SOA ns.{domain}. root.{domain}. 1 3600 600 86400 "
        f"{negative_ttl}\n$TTL {ttl}\n" +
        message.RSA.record("s1", domain) +
        f'{domain}. TXT "v=spf1 include:spf.{domain} -all"\n'
        f'spf.{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
        f'mx.{domain}. A {CLIENT}\n'
        f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')


def mail(domain, author=None, client=CLIENT, helo=None):
    return (message.received(client, helo or f"mx.{domain}") +
            "\r\n").encode() + message.dkim_sign(
        message.message(f"a@{author or domain}"), domain)


def needed(domain):
    above = domain.partition(".")[2]
    return sorted([f"s1._domainkey.{domain}", domain, f"spf.{domain}",
                   f"mx.{domain}", f"_dmarc.{domain}", f"_dmarc.{above}",
                   f"_dmarc.{above.partition('.')[2]}"])


def asked(dns, mark):
    return sorted(q.name for q in dns.questions(mark))


def every_process(dovecot):
    """A connection to each."""
    found, others = {}, []
    while len(found) < PROCESSES:
        assert len(others) < 500, found.keys()
        connection = verifier.Connection(dovecot)
        if found.setdefault(connection.pid, connection) is not connection:
            others.append(connection)
    for connection in others:
        connection.close()
    return list(found.values())


def verify(connection, domain, client=CLIENT):
    results, verdict = connection.verify(
        mail(domain, client=client), mail_from=f"b@{domain}",
        argument_ip=client, argument_helo=f"mx.{domain}")
    return [r[1] for r in results if r[0] == "dmarc"][0], verdict


@needs_authres
def test_a_cold_message_asks_what_it_needs(t):
    dovecot, dns = own(t)
    domain = t.domain()
    zone(dns, domain)
    mark = dns.mark()
    user = dovecot.user()
    assert dovecot.deliver(mail(domain), user, f"b@{domain}").code == 250
    assert "dmarc=pass (p=reject)" in user.only_mail().authres
    names = asked(dns, mark)
    assert names == needed(domain), names


@needs_authres
def test_names_that_cannot_align_are_not_walked(t):
    """The envelope of a forwarder, the signature of a list: only the end of
    their names is the author's, so their records change nothing. Nor does the
    author's own TXT record, as long as the policy has no np."""
    dovecot, dns = own(t)
    author = t.domain("author.example")
    forwarder, other = t.domain("forward.example"), t.domain("list.example")
    for domain in (author, forwarder, other):
        zone(dns, domain)
    data = message.dkim_sign(mail(author, helo=f"mx.{forwarder}"), other)
    mark = dns.mark()
    user = dovecot.user()
    assert dovecot.deliver(data, user, f"b@{forwarder}").code == 250
    field = user.only_mail().authres
    assert "dmarc=pass (p=reject)" in field and "spf=pass" in field
    assert field.count("dkim=pass") == 2, field
    names = asked(dns, mark)
    assert sorted(set(names)) == names, names
    assert f"_dmarc.{author}" in names and f"s1._domainkey.{other}" in names
    assert not {f"_dmarc.{forwarder}", f"_dmarc.{other}", author} & \
        set(names), names


@needs_authres
def test_np_is_asked_for_when_a_policy_has_it(t):
    dovecot, dns = own(t)
    domain = t.domain("author.example")
    zone(dns, domain)
    dns.add_zone(f'_dmarc.np.{domain}. TXT '
                 '"v=DMARC1; p=none; sp=none; np=reject; psd=n"\n'
                 f'there.np.{domain}. A {CLIENT}\n')
    for name, expected in ((f"gone.np.{domain}", "dmarc=fail (np=reject"),
                           (f"there.np.{domain}", "dmarc=fail (sp=none")):
        mark = dns.mark()
        user = dovecot.user()
        data = (message.received(FORGER, f"mx.{domain}") +
                "\r\n").encode() + message.message(f"a@{name}")
        assert dovecot.deliver(data, user, f"b@{domain}").code == 250
        field = (user.mails("INBOX") or user.mails("Junk"))[0].authres
        assert expected in field, field
        assert name in asked(dns, mark)


@needs_authres
def test_no_process_asks_what_another_knows(t):
    dovecot, dns = own(t)
    domain = t.domain()
    zone(dns, domain)
    connections = every_process(dovecot)
    mark = dns.mark()
    word, verdict = verify(connections[0], domain)
    assert word == "pass" and verdict["dns_cached"] == "0", verdict
    assert set(asked(dns, mark)) == set(needed(domain))
    mark = dns.mark()
    for connection in connections:
        word, verdict = verify(connection, domain)
        assert word == "pass", verdict
        assert verdict["dns_cached"] == verdict["dns_questions"], verdict
        # what does not exist is known as well
        assert verify(connection, domain, FORGER)[0] == "pass"
        connection.close()
    # by LMTP, whoever judges it
    users = [dovecot.user() for _ in range(12)]
    for user in users:
        assert dovecot.deliver(mail(domain), user, f"b@{domain}").code == 250
        assert "dmarc=pass" in user.only_mail().authres
    # and by processes that were not there
    old = dovecot.processes("authres")
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not set(old) & set(dovecot.processes("authres")),
             "their end")
    for connection in every_process(dovecot):
        assert verify(connection, domain)[0] == "pass"
        connection.close()
    assert asked(dns, mark) == []


@needs_authres
def test_recipients_cost_nothing(t):
    dovecot, dns = own(t)
    domain = t.domain()
    zone(dns, domain)
    mark = dns.mark()
    users = [dovecot.user() for _ in range(5)]
    replies = dovecot.deliver(mail(domain), users, f"b@{domain}")
    assert [reply.code for reply in replies] == [250] * 5
    for user in users:
        assert "dmarc=pass" in user.only_mail().authres
    names = asked(dns, mark)
    assert sorted(set(names)) == names, names


@needs_authres
def test_after_its_ttl_it_is_asked_again(t):
    dovecot, dns = own(t)
    domain = t.domain()
    zone(dns, domain, ttl=2, negative_ttl=2)
    connections = every_process(dovecot)
    assert verify(connections[0], domain)[0] == "pass"
    mine = {name for name in needed(domain) if domain in name}

    mark = dns.mark()

    def asked_again():
        assert verify(connections[1], domain)[0] == "pass"
        return mine <= set(asked(dns, mark))
    wait_for(asked_again, "new questions")
    # a policy that changed counts from then on
    for text in list(dns._texts):
        if f"_dmarc.{domain}." in text:
            dns._texts.remove(text)
    dns.add_zone(message.RSA.record("s1", domain) +
                 f'_dmarc.{domain}. 2 TXT "v=DMARC1; p=none"\n')

    def new_policy():
        user = dovecot.user()
        assert dovecot.deliver(mail(domain), user, f"b@{domain}").code == 250
        return "dmarc=pass (p=none)" in user.only_mail().authres
    wait_for(new_policy, "the new policy")
    for connection in connections:
        connection.close()


@needs_authres
@time_limit(120)
def test_whatever_stands_in_the_file(t):
    """Another process in a stranger's hands writes any bytes: what passes no
    check is asked for."""
    dovecot, dns = own(t)
    path = os.path.join(dovecot.base_dir, "authres-fresh-answers")
    domain = t.domain()
    zone(dns, domain)
    connections = every_process(dovecot)
    assert verify(connections[0], domain)[0] == "pass"
    info = os.stat(path)
    assert (info.st_mode & 0o7777, info.st_uid) == (0o600, 0)
    with open(path, "r+b") as f:
        f.seek(64 * 1024)
        f.write(os.urandom(info.st_size - 64 * 1024))
    mark = dns.mark()
    # the first one last: its libunbound knows them still
    for connection in reversed(connections):
        assert verify(connection, domain)[0] == "pass"
        connection.close()
    assert set(asked(dns, mark)) == set(needed(domain))
    assert not [line for line in dovecot.log_lines("error")
                if "authres" in line]
