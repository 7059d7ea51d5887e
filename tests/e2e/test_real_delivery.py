"""Delivery by lmtp and dovecot-lda with the service and DNS as a site has
them: what other files show case by case with a verifier that says what it is
told holds with the one that judges."""
import os
import re
import time

import message
import verifier
from case import needs_authres, time_limit
from dovecot import MAIL_UID, PASSWORD, wait_for

CLIENT, STRANGER = "192.0.2.41", "203.0.113.41"
FORGED = "Authentication-Results: (x) MX.Example;\r\n\tdmarc=pass"
FOREIGN = "Authentication-Results: other.example; dmarc=fail"
ONE_LMTP = "service lmtp {\n  process_limit = 1\n}\n"
FORMATS = ("maildir:~/Maildir", "sdbox:~/sdbox", "mdbox:~/mdbox")


class Site:
    """A domain of its own: mail it signs passes, mail a stranger sends in its
    name fails."""

    def __init__(self, t, policy="quarantine"):
        self.domain = t.domain()
        self.address = f"a@{self.domain}"
        t.dns.add_zone(
            message.RSA.record("s1", self.domain) +
            f'{self.domain}. TXT "v=spf1 ip4:{CLIENT} -all"\n'
            f'_dmarc.{self.domain}. TXT "v=DMARC1; p={policy}"\n')

    def genuine(self, **options):
        data = message.dkim_sign(message.message(self.address, **options),
                                 self.domain)
        return self.from_client(data, CLIENT)

    def spoof(self, **options):
        return self.from_client(message.message(self.address, **options),
                                STRANGER)

    def from_client(self, data, client):
        fields = (FORGED, FOREIGN, message.received(client, "out.example"))
        return "".join(f + "\r\n" for f in fields).encode() + data


def deliver(dovecot, data, user, mail_from, lda=False):
    if lda:
        done = dovecot.lda(data, user, mail_from)
        assert done.returncode == 0, done.stderr
    else:
        reply = dovecot.deliver(data, user, mail_from)
        assert reply.code == 250, reply


def assert_mail(mail, result, data=None):
    """Ours on top, the forged one gone, the foreign one kept. data: what was
    sent; all else of it is there unchanged."""
    ours, foreign = mail.fields("Authentication-Results")
    assert ours.startswith("mx.example; ") and f"dmarc={result}" in ours, ours
    assert foreign == FOREIGN.partition(": ")[2]
    if data is not None:
        kept = data.replace(FORGED.encode() + b"\r\n", b"")
        assert mail.data.endswith(kept)


def assert_genuine(user, data=None, mailbox="INBOX"):
    mail = user.only_mail(mailbox)
    assert_mail(mail, "pass", data)
    assert "$AuthPass" in mail.keywords, mail.flags


def assert_spoof(user, data=None, mailbox="Junk"):
    mail = user.only_mail(mailbox)
    assert_mail(mail, "fail", data)
    assert mail.keywords >= {"$AuthFail", "$Junk", "Junk"}, mail.flags
    assert "$AuthPass" not in mail.keywords
    assert mailbox in user.mailboxes(subscribed=True)
    assert user.mails() == []


@needs_authres
def test_formats(t):
    dovecot = t.dovecot()
    site = Site(t)
    for mail_location in FORMATS:
        for lda in (False, True):
            user = dovecot.user(mail=mail_location)
            deliver(dovecot, site.genuine(), user, site.address, lda)
            assert_genuine(user, site.genuine())
            user = dovecot.user(mail=mail_location)
            deliver(dovecot, site.spoof(), user, site.address, lda)
            assert_spoof(user, site.spoof())


@needs_authres
def test_keywords_of_methods(t):
    """Each method that authres_keyword_methods names has its own outcome."""
    dovecot = t.dovecot(settings={
        "authres_keyword_methods": "spf dkim arc dmarc"})
    site = Site(t)
    for data, expected in (
            (site.genuine(), {"$SPFPass", "$DKIMPass", "$DMARCPass"}),
            # none has no keyword: it is not signed
            (site.spoof(), {"$SPFFail", "$DMARCFail"})):
        user = dovecot.user()
        deliver(dovecot, data, user, site.address)
        mail = (user.mails() or user.mails("Junk"))[0]
        found = {word for word in mail.keywords
                 if word.startswith(("$SPF", "$DKIM", "$ARC", "$DMARC"))}
        assert found == expected, mail.flags


@needs_authres
def test_other_plugins(t):
    dovecot = t.dovecot(
        plugins="quota acl zlib mail_crypt",
        settings={"quota": "count:User quota", "quota_vsizes": "yes",
                  "quota_rule": "*:storage=50M", "acl": "vfile",
                  "zlib_save": "gz", "mail_crypt_curve": "prime256v1",
                  "mail_crypt_save_version": "2"},
        config="mail_attribute_dict = file:%h/attributes\n")
    site = Site(t)
    for mail_location in FORMATS:
        users = [dovecot.user(mail=mail_location) for _ in range(2)]
        replies = dovecot.deliver(site.genuine(), users, site.address)
        assert [r.code for r in replies] == [250, 250], replies
        for user in users:
            assert_genuine(user, site.genuine())
        user = dovecot.user(mail=mail_location)
        deliver(dovecot, site.spoof(), user, site.address, lda=True)
        assert_spoof(user, site.spoof())


SHAPES = {
    "empty": b"",
    "no header end": b"Subject: x\r\nFrom: a@%s\r\n",
    "no line end": b"From: a@%s",
    "no header": b"\r\nonly a body\r\n",
    "lf": b"From: a@%s\nSubject: x\n\nbody\n",
    "crlf": b"From: a@%s\r\nSubject: x\r\n\r\nbody\r\n",
    "nul": b"From: a@%s\r\nSubject: a\0b\r\n\r\nbody \0 body\r\n",
    "8-bit": b"From: \xc3\xa9 <a@%s>\r\n\r\n\xff\xfe\r\n",
}


@needs_authres
def test_shapes(t):
    dovecot = t.dovecot()
    site = Site(t)
    errors = dovecot.mark("error")
    for name, data in SHAPES.items():
        data = data.replace(b"%s", site.domain.encode())
        for lda in (False, True):
            if not data and not lda:
                continue    # BDAT of nothing is no message
            user = dovecot.user()
            deliver(dovecot, data, user, site.address, lda)
            with open(user.files()[0], "rb") as f:
                stored = f.read()
            assert stored.startswith(b"Authentication-Results: mx.example;"), \
                name
            assert b"verifier not available" not in stored, name
            assert stored.replace(b"\r\n", b"\n").endswith(
                data.replace(b"\r\n", b"\n")), (name, stored)
    assert dovecot.log_lines("error")[errors:] == []


@needs_authres
def test_address_in_encoded_words(t):
    """All that a reader shows of such a From is the address in it."""
    dovecot = t.dovecot()
    site = Site(t, policy="reject")
    for author, mailbox in (
            (f"=?utf-8?Q?Ann_=3Ca=40{site.domain}=3E?=", "Junk"),
            (f"a@=?iso-8859-1?Q?{site.domain}?=", "Junk"),
            ("=?utf-8?Q?Ann?=", "INBOX")):
        user = dovecot.user()
        data = site.from_client(message.message(author), STRANGER)
        deliver(dovecot, data, user, "eve@evil.example")
        found = user.only_mail(mailbox)
        assert "dmarc=permerror" in found.authres, author
        assert "$AuthFail" in found.keywords, author


@needs_authres
@time_limit(120)
def test_20_mb_and_12_mib_of_header(t):
    dovecot = t.dovecot()
    site = Site(t)
    line = b"x" * 76 + b"\r\n"
    data = site.genuine(body=line * (20 * 1024 * 1024 // len(line)))
    user = dovecot.user()
    deliver(dovecot, data, user, site.address)
    assert_genuine(user, data)
    filler = b"X-Filler: " + line
    filler *= 12 * 1024 * 1024 // len(filler) + 1
    data = filler + site.spoof()
    user = dovecot.user()
    deliver(dovecot, data, user, site.address)
    stored = b"".join(m.data for box in ("INBOX", "Junk")
                      for m in user.mails(box))
    assert stored.count(b"mx.example;") == 1 and FORGED.encode() not in stored
    assert stored.endswith(data.replace(FORGED.encode() + b"\r\n", b""))


SIEVE = (
    ('keep;', {"INBOX": set()}),
    ('require "imap4flags"; addflag "blue"; keep;', {"INBOX": {"blue"}}),
    ('require ["imap4flags", "fileinto", "mailbox"]; '
     'fileinto :create :flags "red" "Work";', {"Work": {"red"}}),
    ('require ["fileinto", "mailbox", "copy"]; fileinto :create :copy "A";',
     {"A": set(), "INBOX": set()}),
)


@needs_authres
def test_sieve_keywords_and_no_vacation_to_a_forged_sender(t):
    dovecot = t.dovecot(sieve=True)
    site = Site(t)
    for script, expected in SIEVE:
        for lda in (False, True):
            user = dovecot.user()
            user.sieve(script + "\n")
            deliver(dovecot, site.genuine(), user, site.address, lda)
            for mailbox, keywords in expected.items():
                mail = user.only_mail(mailbox)
                assert mail.keywords - {"$HasNoAttachment"} == \
                    keywords | {"$AuthPass"}, (script, lda, mail.flags)
    user = dovecot.user()
    user.sieve('require ["vacation", "fileinto", "mailbox"]; vacation '
               '"I am away."; fileinto :create "Work";\n')
    to = f"{user.name} <{user.address}>"
    for lda in (False, True):
        deliver(dovecot, site.spoof(to=to), user, site.address, lda)
    assert len(user.mails("Junk")) == 2 and user.mails("Work") == []
    assert dovecot.sent_mails() == []
    # the same script answers who is what he says
    deliver(dovecot, site.genuine(to=to), user, site.address)
    wait_for(dovecot.sent_mails, "the vacation reply")
    assert_genuine(user, mailbox="Work")


@needs_authres
def test_junk_by_special_use_and_prefix(t):
    site = Site(t)
    for prefix in ("", "INBOX/"):
        dovecot = t.dovecot(config=f"""
namespace inbox {{
  prefix = {prefix}
  separator = /
  mailbox Spam {{
    special_use = \\Junk
  }}
}}
""")
        user = dovecot.user()
        deliver(dovecot, site.spoof(), user, site.address)
        assert_spoof(user, mailbox=prefix + "Spam")


@needs_authres
def test_recipients_of_one_message(t):
    dovecot = t.dovecot()
    site = Site(t)
    data = site.spoof()
    for userdb in (None, {"authres_mode": "off"}, {"mail_plugins": "acl"}):
        first = [] if userdb is None else [dovecot.user(**userdb)]
        one, two, three = (dovecot.user() for _ in range(3))
        tagged = dovecot.user(authres_mode="tag")
        mark = t.dns.mark()
        users = first + [one, two, tagged, three]
        replies = dovecot.deliver(data, users, site.address)
        assert {r.code for r in replies} == {250}, replies
        policies = [q for q in t.dns.questions(mark)
                    if q.name == f"_dmarc.{site.domain}"]
        # at most once: the verifier may know it from the message before
        assert len(policies) <= 1, policies
        for user in (one, two, three):
            assert_spoof(user, data)
        mail = tagged.only_mail()
        assert_mail(mail, "fail", data)
        assert "$AuthFail" in mail.keywords and \
            not mail.keywords & {"$Junk", "Junk"}
        linked = {os.stat(user.files()[0]).st_ino
                  for user in (one, two, three, tagged)}
        # LMTP offers the copy of the first recipient to all others, also
        # where that one has no authres at all
        assert userdb == {"mail_plugins": "acl"} or len(linked) == 1, linked
        for user in first:
            path, = user.files()
            assert os.stat(path).st_ino not in linked
            assert "/.Junk/" not in path
            assert not re.search("[a-z]", path.partition(":2,")[2]), path


@needs_authres
def test_recipients_without_authres_share_a_file(t):
    site = Site(t)
    for settings, userdb in (({}, {"mail_plugins": "acl"}),
                             ({"authres_mode": "off"}, {})):
        dovecot = t.dovecot(settings=settings)
        users = [dovecot.user(**userdb) for _ in range(3)]
        replies = dovecot.deliver(site.spoof(), users, site.address)
        assert {r.code for r in replies} == {250}, replies
        assert len({os.stat(u.files()[0]).st_ino for u in users}) == 1, userdb


@needs_authres
def test_two_messages_on_one_connection(t):
    dovecot = t.dovecot(config=ONE_LMTP)
    site, other = Site(t), Site(t, "none")
    user = dovecot.user()
    with dovecot.lmtp() as session:
        for data, mail_from in (
                (site.genuine(), site.address), (site.spoof(), site.address),
                (other.spoof(), other.address),
                (site.genuine(), site.address)):
            reply, = session.deliver(mail_from, user.address, data)
            assert reply.code == 250
    results = [re.search(r"dmarc=(\w+)", m.authres).group(1)
               for m in user.mails()]
    assert results == ["pass", "fail", "pass"], results
    assert_mail(user.only_mail("Junk"), "fail", site.spoof())


@needs_authres
def test_temporary_failure_when_wanted(t):
    dovecot = t.dovecot(settings={"authres_timeout": "3s"})
    domain = t.domain()
    t.dns.add_zone(f"_dmarc.{domain}. SERVFAIL\n")
    data = message.message(f"a@{domain}", extra=[
        message.received(CLIENT, "out.example")])
    strict = dovecot.user(authres_temperror_action="tempfail")
    lenient = dovecot.user()
    replies = dovecot.deliver(data, [strict, lenient], f"a@{domain}")
    assert [r.code for r in replies] == [451, 250], replies
    done = dovecot.lda(data, strict, f"a@{domain}", options=["-e"])
    assert done.returncode == 75, done
    assert strict.files() == [] and dovecot.sent_mails() == []
    mail = lenient.only_mail()
    assert "dmarc=temperror" in mail.authres
    assert "$AuthTempError" in mail.keywords


@needs_authres
def test_lda_files_what_lmtp_would_reject(t):
    dovecot = t.dovecot(settings={"authres_reject_action": "reject"})
    site, bounce = Site(t, "reject"), Site(t, "none")
    data = site.from_client(message.message(site.address), CLIENT)
    user = dovecot.user()
    mark = dovecot.mark()
    assert dovecot.deliver(data, user, bounce.address).code == 550
    assert user.files() == []
    done = dovecot.lda(data, user, bounce.address, options=["-e"])
    assert done.returncode == 0, done.stderr
    assert_spoof(user)
    dovecot.wait_log(rf"lda\({user.name}\).*authres: .*-> Junk", since=mark)
    assert dovecot.sent_mails() == []


@needs_authres
def test_plugin_for_all_programs(t):
    dovecot = t.dovecot(plugins="authres", config=ONE_LMTP)
    site = Site(t)
    user = dovecot.user()
    errors = dovecot.mark("error")
    deliver(dovecot, site.genuine(), user, site.address)
    assert_genuine(user)
    client = user.imap()
    assert client.append("Other", None, None, site.spoof())[0] == "NO"
    assert client.create("Other")[0] == "OK"
    assert client.append("Other", None, None, site.spoof())[0] == "OK"
    client.logout()
    assert user.only_mail("Other").data == site.spoof()
    for command in (["fetch", "-u", user.name, "uid", "all"],
                    ["index", "-u", user.name, "INBOX"],
                    ["index", "-q", "-u", user.name, "INBOX"]):
        done = dovecot.doveadm(*command, check=True)
        assert "rror" not in done.stderr, done.stderr
    assert dovecot.log_lines("error")[errors:] == []


@needs_authres
def test_behind_a_dovecot_proxy(t):
    """The plugin is on the backend; the proxy is our last hop, not the
    client."""
    backend = t.dovecot()
    site = Site(t)
    users = [backend.user() for _ in range(2)]
    proxy = t.dovecot(dns=None, authres=False, config="lmtp_proxy = yes\n")
    for user in users:
        with open(os.path.join(proxy.passwd_dir, user.name), "w") as f:
            f.write(f"{user.name}:{PASSWORD}:{MAIL_UID}:{MAIL_UID}::/tmp::"
                    f"proxy=y host=127.0.0.1 port={backend.lmtp_port} "
                    "nopassword=y\n")
    for data, check in ((site.genuine(), assert_genuine),
                        (site.spoof(), assert_spoof)):
        with proxy.lmtp(tcp=True) as session:
            replies = session.deliver(site.address,
                                      [u.address for u in users], data)
        assert [r.code for r in replies] == [250, 250], replies
        if check is assert_genuine:
            for user in users:
                check(user, data)
        else:
            for user in users:
                assert_mail(user.only_mail("Junk"), "fail", data)


@needs_authres
def test_greeting_within_a_second(t):
    dovecot = t.own_dovecot()
    slowest, open_ = 0, []
    for _ in range(60):
        begin = time.monotonic()
        connection = verifier.Connection(dovecot)
        slowest = max(slowest, time.monotonic() - begin)
        assert connection.greeting.startswith("VERSION\tauthres-verifier\t")
        open_.append(connection)
    assert slowest < 1, slowest
    for connection in open_:
        connection.close()
