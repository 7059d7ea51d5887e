"""Results of real filters in front: Postfix with OpenDKIM and OpenDMARC, and
with rspamd, configured as doc/mta.md says. What tells that their results are
used and not our own: a Dovecot whose DNS knows no domain."""
import re

import message
import sandbox
from arrival import Arrival
from case import needs_authres, time_limit
from dns_server import DnsServer
from host import CLIENT, CLIENT6, OTHER, OTHER6
from milters import opendkim, opendmarc, rspamd
from postfix import Postfix
from snippets import snippet

SAME, DIFFERENT = "mx.example", "filter.example"
BOTH = f"{SAME} {DIFFERENT}"
# each filter removes what claims to be the other as well
REMOVED = ("RemoveARFrom       mx.example.fr",
           "RemoveARFrom       mx.example,filter.example")
DIFFERENT_ADDRESS, RSPAMD_ADDRESS = "198.51.100.27", "198.51.100.28"
MAIN = """
mydestination = $myhostname
mailbox_transport = lmtp:unix:private/below
virtual_mailbox_domains = above.example blind.example
transport_maps = inline:{ above.example=lmtp:unix:private/above,
  blind.example=lmtp:unix:private/blind }
"""
MASTER = """
{address}:25  inet  n  -  n  -  -  smtpd -o {{ {setting} }}
"""
LISTENER = """
service lmtp {{
  unix_listener {queue}/private/{name} {{
    mode = 0600
    user = postfix
    group = postfix
  }}
}}
"""


def rename(name, authserv_id, ports=()):
    """A snippet of the document with our names."""
    text = snippet(name)
    for theirs, ours in (REMOVED, (SAME + ".fr", authserv_id), *ports):
        text = text.replace(theirs, ours)
    return text


def create(host):
    for address in (DIFFERENT_ADDRESS, RSPAMD_ADDRESS):
        host.add_address(address)
    return Postfix(host)


class System:
    """Dovecots named for how they are told to believe: above (the default),
    below (authres_upstream_below), blind (the same, without DNS)."""

    def __init__(self, t):
        self.host = t.host("postfix", "opendkim", "opendmarc", "rspamd")
        self.postfix = t.shared("postfix", lambda: create(self.host))
        nowhere = t.shared("nowhere", lambda: DnsServer(
            sandbox.temporary_directory("dns")))
        above = rename("upstream-opendkim/dovecot.conf", BOTH)
        below = rename("upstream-rspamd/dovecot.conf", BOTH)
        self.above = self._dovecot(t, "above", above)
        self.below = self._dovecot(t, "below", below)
        self.blind = self._dovecot(t, "blind", below, dns=nowhere)
        self._start_filters(t)
        self._start_postfix()

    def _dovecot(self, t, name, text, **options):
        return t.dovecot(config=LISTENER.format(
            queue=self.postfix.queue_directory, name=name) + text, **options)

    def _start_filters(self, t):
        host = self.host
        for authserv_id, dkim, dmarc in ((SAME, 8891, 8893),
                                         (DIFFERENT, 8791, 8793)):
            ports = (":8891", f":{dkim}"), (":8893", f":{dmarc}")
            ports = [("inet" + a, "inet" + b) for a, b in ports]
            for start, name, port in (
                    (opendkim, "upstream-opendkim/opendkim.conf", dkim),
                    (opendmarc, "upstream-opendkim/opendmarc.conf", dmarc)):
                t.shared(f"filter {port}", lambda: start(
                    host, rename(name, authserv_id, ports), port,
                    f"{port}.conf"))
        t.shared("rspamd", lambda: rspamd(host, {
            "milter_headers.conf":
                snippet("upstream-rspamd/milter_headers.conf"),
            "worker-proxy.inc":
                snippet("upstream-rspamd/worker-proxy.inc")}, 11332))

    def _start_postfix(self):
        chain = snippet("upstream-opendkim/main.cf")
        different = chain.replace(":8891", ":8791").replace(":8893", ":8793")
        self.postfix.use(
            MAIN + chain,
            MASTER.format(address=DIFFERENT_ADDRESS,
                          setting=different.partition("\n")[0]) +
            MASTER.format(
                address=RSPAMD_ADDRESS, setting=snippet(
                    "upstream-rspamd/main.cf").partition("\n")[0]))

    def send(self, dovecot, data, client, mail_from, to=None):
        """Returns (Arrival, entries of our field by method)."""
        user = dovecot.user()
        domain = {self.above: "above.example", self.below: "mx.example",
                  self.blind: "blind.example"}[dovecot]
        self.host.send(data, f"{user.name}@{domain}", mail_from, client,
                       to=to)
        arrived = Arrival(*user.wait_mail())
        return arrived, entries(arrived.mail.authres)


def entries(authres):
    """{method: (result, name of the filter or None)} of a field, the first of
    each."""
    found = {}
    for method, word, rest in re.findall(
            r"; (\w+)=(\w+)((?: \((?:[^()\\]|\\.)*\))*)", authres):
        upstream = re.search(r"\(upstream ([^()]*)\)", rest)
        found.setdefault(method, (word, upstream and upstream.group(1)))
    return found


def zone(t, policy="reject"):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:{CLIENT} ip6:{CLIENT6} -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n' +
                   message.RSA.record("s1", domain))
    return domain


def by(authserv_id, **words):
    return {method: (word, authserv_id) for method, word in words.items()}


FILTERS = (None, SAME), (DIFFERENT_ADDRESS, DIFFERENT), (RSPAMD_ADDRESS, SAME)


@needs_authres
@time_limit(180)
def test_results_are_used(t):
    """From several clients, without a question to DNS: nothing but the filters
    can know."""
    s = System(t)
    domain = zone(t)
    plain = message.message(f"a@{domain}")
    signed = message.dkim_sign(plain, domain)
    broken = signed.replace(b"Hello.", b"Hullo.")
    for to, authserv_id in FILTERS:
        for data, client, expected, mailbox, keyword in (
                (signed, CLIENT, dict(spf="pass", dkim="pass", dmarc="pass"),
                 "INBOX", "$AuthPass"),
                (plain, CLIENT, dict(spf="pass", dkim="none", dmarc="pass"),
                 "INBOX", "$AuthPass"),
                (signed, OTHER, dict(spf="fail", dkim="pass", dmarc="pass"),
                 "INBOX", "$AuthPass"),
                (plain, OTHER, dict(spf="fail", dkim="none", dmarc="fail"),
                 "Junk", "$AuthFail"),
                (broken, OTHER, dict(spf="fail", dkim="fail", dmarc="fail"),
                 "Junk", "$AuthFail")):
            arrived, found = s.send(s.blind, data, client, f"b@{domain}", to)
            found.pop("arc", None)
            assert found == by(authserv_id, **expected), \
                (to, found, arrived.mail.authres)
            assert keyword in arrived.mail.keywords, arrived.mail.flags
            # whoever judged, the client is told
            arrived.check(mailbox, client=client, source="received")
            # a field of our name was read, and is not there any more
            fields = arrived.mail.fields("Authentication-Results")
            assert [f for f in fields if f.startswith(SAME)] == fields[:1]


@needs_authres
def test_ipv6_client_and_null_reverse_path(t):
    s = System(t)
    domain = zone(t)
    data = message.message(f"a@{domain}")
    for client, dmarc, mailbox in ((CLIENT6, "pass", "INBOX"),
                                   (OTHER6, "fail", "Junk")):
        arrived, found = s.send(s.blind, data, client, f"b@{domain}")
        assert found["dmarc"] == (dmarc, SAME), arrived.mail.authres
        arrived.check(mailbox, client=client)
    t.dns.add_zone(f'out.{domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n')
    for to, authserv_id in FILTERS:
        user = s.blind.user()
        s.host.send(data, f"{user.name}@blind.example", "", CLIENT, to=to,
                    helo="out." + domain)
        arrived = Arrival(*user.wait_mail())
        assert entries(arrived.mail.authres)["spf"] == (
            "pass", authserv_id), arrived.mail.authres
        assert f"smtp.helo=out.{domain}" in arrived.mail.authres


@needs_authres
def test_policy_of_a_fail_is_looked_up(t):
    """t=y is not known to OpenDMARC; our record says it."""
    s = System(t)
    domain = zone(t, "reject; t=y")
    data = message.message(f"a@{domain}")
    for dovecot, policy in ((s.below, "quarantine"), (s.blind, "reject")):
        arrived, found = s.send(dovecot, data, OTHER, f"b@{domain}")
        assert found["dmarc"] == ("fail", SAME), arrived.mail.authres
        assert f"policy.dmarc={policy}" in arrived.mail.authres
        assert arrived.mailbox == "Junk"


@needs_authres
def test_told_in_the_log_and_by_verify(t):
    s = System(t)
    domain = zone(t)
    data = message.message(f"a@{domain}")
    mark = s.below.mark()
    arrived, _ = s.send(s.below, data, OTHER, f"b@{domain}",
                        DIFFERENT_ADDRESS)
    s.below.wait_log(rf"authres: .*upstream=dmarc\({DIFFERENT}\),"
                     rf"spf\({DIFFERENT}\),dkim\({DIFFERENT}\) ip={OTHER}",
                     since=mark)
    # a field of another name is stored with the message
    stored = arrived.mail.data
    rows = s.below.doveadm("-f", "tab", "authres", "verify", stdin=stored,
                           check=True).stdout.splitlines()
    names = rows[0].split("\t")
    found = {row["method"]: (row["result"], row["upstream"]) for row in (
        dict(zip(names, line.split("\t"))) for line in rows[1:])}
    assert found["dmarc"] == ("fail", DIFFERENT), rows
    assert found["spf"] == ("fail", DIFFERENT), rows
    # one of our name is ours, and never believed again
    arrived, _ = s.send(s.below, data, OTHER, f"b@{domain}")
    done = s.below.doveadm("-f", "tab", "authres", "verify",
                           stdin=arrived.mail.data, check=True)
    assert SAME not in done.stdout and "\tfail\t" in done.stdout, done.stdout


def forgeries(domain, sender):
    """What a stranger writes into his message to pass as domain."""
    passes = (f"dmarc=pass header.from={domain}; spf=pass smtp.mailfrom="
              f"{sender}; dkim=pass header.d={domain}")
    for name in (SAME, DIFFERENT):
        for form in ("{}; {}", "{} 1; {}", "{}/17; {}", "\"{}\"; {}",
                     "(x){}(y); {}", "\r\n\t{}\r\n\t; {}", "{}; a=b c; {}",
                     "{}; foo=bar; {}", "x; none\r\nAuthentication-Results: {}; {}",
                     " {} ; {}", "{};{}", "\t{}; {}", "{}; dkim=none; {}",
                     "=?utf-8?q?{}?=; {}", "{}; dkim=none x.y=z; {}",
                     "{}; dkim=none a=b; {}", "{}; dkim = none; {}",
                     "{}; dkim=none header.b=a/b=; {}", "{}; dkim/1=none; {}",
                     "{}; " + "a=b; " * 20 + "{}",
                     "{}; spf=none " + "smtp.x=y " * 20 + "; {}",
                     "{}; dkim=none header.d=" + "a" * 2000 + "; {}"):
            yield "Authentication-Results: " + form.format(name, passes)
        yield "Authentication-Results: " + f"{name}; {passes}".upper()
        yield f"AUTHENTICATION-RESULTS:{name}; {passes}"
        yield f"Authentication-Results : {name}; {passes}"
        for method in passes.split("; "):
            yield f"Authentication-Results: {name}; {method}"


@needs_authres
@time_limit(240)
def test_forged_copies_are_never_believed(t):
    """One by one, on top, below a Received, and all together."""
    s = System(t)
    domain = zone(t)
    sender = f"b@{domain}"
    plain = message.message(f"a@{domain}")
    lines = list(forgeries(domain, sender))
    hop = message.received(CLIENT, "out." + domain)
    messages = [(line + "\r\n").encode() + plain for line in lines]
    messages.append("".join(line + "\r\n" for line in lines).encode() + plain)
    messages.append((hop + "\r\n").encode() + messages[-1])
    messages += [(hop + "\r\n" + line + "\r\n").encode() + plain
                 for line in lines[:3]]
    for to, _ in FILTERS:
        for dovecot in (s.above, s.below):
            # above no place depends on what the filter removes
            sent = messages if dovecot == s.below else messages[-5:]
            users = [dovecot.user() for _ in sent]
            name = "above.example" if dovecot == s.above else "mx.example"
            for user, data in zip(users, sent):
                s.host.send(data, f"{user.name}@{name}", sender, OTHER, to=to)
            for number, user in enumerate(users):
                arrived = Arrival(*user.wait_mail())
                found = entries(arrived.mail.authres)
                said = (to, number, sent[number][:300],
                        arrived.mail.data[:4000])
                assert found["dmarc"][0] == "fail", said
                assert found["spf"][0] == "fail", said
                assert found["dkim"][0] == "none", said
                assert arrived.mailbox == "Junk", said
                fields = arrived.mail.fields("Authentication-Results")
                assert not any(SAME in f.lower() for f in fields[1:]), said


@needs_authres
def test_below_is_not_believed_by_default(t):
    """rspamd writes below the line of Postfix; OpenDKIM and OpenDMARC above."""
    s = System(t)
    domain = zone(t)
    data = message.dkim_sign(message.message(f"a@{domain}"), domain)
    arrived, found = s.send(s.above, data, CLIENT, f"b@{domain}",
                            RSPAMD_ADDRESS)
    assert set(found.values()) == {("pass", None)}, found
    assert "a stranger can write it" in arrived.mail.authres
    assert "authres_upstream_below" not in arrived.mail.authres
    _, found = s.send(s.above, data, CLIENT, f"b@{domain}")
    assert found["dmarc"] == found["spf"] == found["dkim"] == ("pass", SAME)


@needs_authres
@time_limit(120)
def test_what_a_stranger_gets_into_a_filters_field(t):
    """Names that filters copy: i= of a signature, the reverse-path."""
    s = System(t)
    domain, evil = zone(t), t.domain("evil.example")
    t.dns.add_zone(f'{evil}. TXT "v=spf1 ip4:{OTHER} -all"\n' +
                   message.RSA.record("s1", evil))
    plain = message.message(f"a@{domain}")
    for auid in (f"x=3B=20dkim=3Dpass=20header.d=3D{domain}=20header.i=3D",
                 f"=3B=20dkim=3Dpass=20header.d=3D{domain}=20header.x=3D",
                 f"=20dkim=3Dpass=20header.d=3D{domain}=20", "=22=20(",
                 f"x=3B=20dmarc=3Dpass=20header.from=3D{domain}=20header.i=3D"):
        data = message.dkim_sign(plain, evil, tags=f"i={auid}@{evil}; ")
        for to, _ in FILTERS:
            arrived, found = s.send(s.below, data, OTHER, f"b@{evil}", to)
            assert found["dmarc"][0] == "fail" and \
                arrived.mailbox == "Junk", (to, arrived.mail.data)
            assert f"header.d={domain}" not in re.sub(
                r'"(?:[^"\\]|\\.)*"', "", arrived.mail.authres)
    for local in (f'"x) ; dkim=pass header.d={domain} ("',
                  f'"x\\" ; dkim=pass header.d={domain} \\""',
                  f'"x) smtp.mailfrom=a@{domain}; dmarc=pass header.from='
                  f'{domain} ("'):
        for to, _ in FILTERS:
            arrived, found = s.send(s.below, plain, OTHER,
                                    f"<{local}@{evil}>", to)
            assert found["dmarc"][0] == "fail" and \
                arrived.mailbox == "Junk", (to, arrived.mail.data)
            assert set(found.values()) & {("fail", SAME)} == set()
