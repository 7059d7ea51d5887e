"""Every delivery setting by userdb: two users of one LMTP transaction, one of
whom has another value, each get what is theirs."""
import json
import os
import re
import time

import fake_verifier
import message
from case import needs_authres

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "..", "..", "src", "settings",
                     "authres-settings-table.h")
ALICE, LIST = "alice@example.org", "lists.example.net"
FAILS = "dmarc=fail policy=quarantine"
REJECTED = "dmarc=fail policy=reject mail_from_spf_pass=yes"
OF_LIST = f"{FAILS} author_address={ALICE} list_domain={LIST} " \
    "author_header_signed=yes"

# setting, value, verdict; what the user without it and the one with it get:
# reply, mailbox, keywords that must be there, keywords that must not
JUNK = (250, "Junk", "$AuthFail $Junk Junk", "")
CASES = (
    ("mode", "tag", FAILS, JUNK, (250, "INBOX", "$AuthFail", "$Junk")),
    ("mode", "off", FAILS, JUNK, (250, "INBOX", "", "$AuthFail $Junk")),
    ("quarantine_action", "keep", FAILS, JUNK,
     (250, "INBOX", "$AuthFail", "$Junk")),
    ("reject_action", "keep", REJECTED, JUNK,
     (250, "INBOX", "$AuthFail", "$Junk")),
    ("reject_action", "reject", REJECTED, JUNK, (550, None, "", "")),
    ("quarantine_action", "keep",
     "dmarc=permerror bad_author=yes bad_author_enforced=yes", JUNK,
     (250, "INBOX", "$AuthFail", "$Junk")),
    ("temperror_action", "tempfail", "dmarc=temperror temperror=yes",
     (250, "INBOX", "$AuthTempError", ""), (451, None, "", "")),
    ("junk_mailbox", "Held", FAILS, JUNK,
     (250, "Held", "$AuthFail $Junk Junk", "")),
    ("junk_sieve", "run", FAILS, JUNK, (250, "Sieved", "$AuthFail $Junk", "")),
    ("keyword_pass", "Checked", "dmarc=pass", (250, "INBOX", "$AuthPass", ""),
     (250, "INBOX", "Checked", "$AuthPass")),
    ("keyword_fail", "Bad", FAILS, JUNK,
     (250, "Junk", "Bad $Junk", "$AuthFail")),
    ("keyword_temperror", "Later", "dmarc=temperror temperror=yes",
     (250, "INBOX", "$AuthTempError", ""),
     (250, "INBOX", "Later", "$AuthTempError")),
    ("keyword_override", "Spared", FAILS + " override=mailing_list",
     (250, "INBOX", "$AuthOverride", "$Junk"),
     (250, "INBOX", "Spared", "$AuthOverride")),
    ("keyword_junk", "Spam", FAILS, JUNK,
     (250, "Junk", "Spam", "$Junk Junk")),
    ("keyword_phishing", "$Phishing", FAILS + " phishing=yes",
     (250, "Junk", "$Junk", "$Phishing"),
     (250, "Junk", "$Junk $Phishing", "")),
    ("keyword_methods", "spf,dkim", "dmarc=pass",
     (250, "INBOX", "$AuthPass", "$SPFPass"),
     (250, "INBOX", "$AuthPass $SPFPass", "")),
)
# what does not show in the delivered message
ELSEWHERE = {"log", "learn", "allow_days", "dict"}


def mail(verdict, number=1):
    return message.message(subject=f"number {number}",
                           extra=["X-Verdict: " + verdict])


def check(user, reply, expected, what):
    code, mailbox, keywords, others = expected
    assert reply.code == code, (what, reply)
    if mailbox is None:
        assert not user.mails() and not user.mails("Junk"), what
        return
    found = user.only_mail(mailbox).keywords
    assert set(keywords.split()) <= found, (what, found)
    assert not set(others.split()) & found, (what, found)


@needs_authres
def test_table_has_all_settings(t):
    with open(TABLE, encoding="utf-8") as f:
        users = set(re.findall(r"(?m)^USER(?:_ENUM)?\((\w+),", f.read()))
    tested = {case[0] for case in CASES} | ELSEWHERE
    assert len(users) > 15 and users == tested, users ^ tested


@needs_authres
def test_two_users_of_one_transaction(t):
    dovecot = fake_verifier.dovecot(t, sieve=True)
    for first in (False, True):
        for setting, value, verdict, default, other in CASES:
            what = (setting, value, first)
            one = dovecot.user()
            two = dovecot.user(**{"authres_" + setting: value})
            if setting == "junk_sieve":
                for user in (one, two):
                    user.sieve('require ["fileinto", "mailbox"]; '
                               'fileinto :create "Sieved";\n')
            users = [two, one] if first else [one, two]
            before = len(dovecot.verifier.requests)
            replies = dovecot.deliver(mail(verdict), users)
            assert len(dovecot.verifier.requests) == before + 1, what
            check(one, replies[users.index(one)], default, what)
            check(two, replies[users.index(two)], other, what)


@needs_authres
def test_log(t):
    dovecot = fake_verifier.dovecot(t)
    users = [dovecot.user(), dovecot.user(authres_log="none"),
             dovecot.user(authres_log="failures")]
    mark = dovecot.mark()
    dovecot.deliver(mail("dmarc=pass"), users)
    dovecot.deliver(mail(FAILS), users)
    dovecot.wait_log(rf"lmtp\({users[2].name}\).*authres: .*dmarc=fail",
                     since=mark)
    lines = [line for line in dovecot.log_lines()[mark:] if "authres: " in line]
    assert [sum(f"({user.name})" in line for line in lines)
            for user in users] == [2, 0, 1], lines


@needs_authres
def test_what_moves_teach(t):
    dovecot = fake_verifier.dovecot(t)
    users = {
        "default": dovecot.user(),
        "no": dovecot.user(authres_learn="no"),
        "days": dovecot.user(authres_allow_days="7"),
        "dict": dovecot.user(authres_dict="file:~/other.dict"),
    }
    dovecot.deliver(mail(OF_LIST), list(users.values()))
    for user in users.values():
        client = user.imap()
        client.select("Junk")
        assert client.uid("MOVE", "1", "INBOX")[0] == "OK"
        client.logout()

    def allowed(user):
        done = dovecot.doveadm("-f", "json", "authres", "allow", "list", "-u",
                               user.name, check=True)
        return json.loads(done.stdout)
    assert allowed(users["no"]) == []
    for name, days in (("default", 365), ("days", 7), ("dict", 365)):
        entry, = allowed(users[name])
        expires = time.mktime(time.strptime(entry["expires"][:19],
                                            "%Y-%m-%dT%H:%M:%S"))
        assert abs(expires - time.time() - days * 86400) < 86400, entry
    assert os.path.exists(os.path.join(users["dict"].home, "other.dict"))
    assert not os.path.exists(os.path.join(users["dict"].home,
                                           ".dovecot.authres"))
    replies = dovecot.deliver(mail(OF_LIST, 2), list(users.values()))
    assert [r.code for r in replies] == [250] * 4
    for name, user in users.items():
        where = "Junk" if name == "no" else "INBOX"
        found = [m for m in user.mails(where) if b"number 2" in m.data]
        assert len(found) == 1, name
        assert ("$AuthOverride" in found[0].keywords) == (name != "no")
