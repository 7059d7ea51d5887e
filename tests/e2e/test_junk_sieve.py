"""authres_junk_sieve: which Sieve scripts run for mail that goes to Junk, and
that the administrator's own send no mail then."""
import hashlib
import os
import re

import fake_verifier
import message
from case import needs_authres, time_limit
from dovecot import MAIL_UID, wait_for

ARCHIVE = ('require ["fileinto", "copy", "mailbox"];\n'
           'fileinto :create :copy "Archive";\n')
# What a user's script may do, which must not happen with skip and global.
OWN = ('require ["fileinto", "mailbox", "vacation"];\n'
       'vacation :addresses "bob@mx.example" "I am away.";\n'
       'redirect "else@example.net";\nfileinto :create "Own";\n')
EXTENSIONS = {"sieve_extensions": "+vnd.dovecot.report +editheader"}
_numbers = iter(range(1, 10000))


def mail(verdict="dmarc=fail policy=quarantine", message_id=None):
    return message.message(
        extra=["X-Verdict: " + verdict],
        message_id=message_id or f"<sieve{next(_numbers)}@example.org>")


def instance(t, **options):
    """An instance whose users have scripts of the administrator; make() says
    which."""
    nowhere = "/nonexistent/none.sieve"
    settings = dict(EXTENSIONS, sieve_before=nowhere, sieve_after=nowhere,
                    sieve_discard=nowhere)
    settings.update(options.pop("settings", {}))
    return fake_verifier.dovecot(t, own=True, sieve=True, settings=settings,
                                 **options)


def make(dovecot, mode=None, own=None, **scripts):
    """A user. scripts: before, after, discard."""
    name = f"sieve{next(_numbers)}"
    fields = {} if mode is None else {"authres_junk_sieve": mode}
    for kind in scripts:
        fields[f"sieve_{kind}"] = os.path.join(
            dovecot.directory, "home", name, f"{kind}.sieve")
    user = dovecot.user(name, **fields)
    for kind, script in scripts.items():
        user.write(f"{kind}.sieve", script)
    if own is not None:
        user.sieve(own)
    return user


def deliver(dovecot, data, user, lda=False):
    if lda:
        done = dovecot.lda(data, user)
        assert done.returncode == 0, done.stderr
    else:
        reply = dovecot.deliver(data, user)
        assert reply.code == 250, reply


def where(user):
    """{mailbox: how many messages}, without empty ones"""
    client = user.imap()
    found = {}
    for line in client.list()[1]:
        name = line.decode().rpartition(" ")[2].strip('"')
        status = client.status(name, "(MESSAGES)")[1][0].decode()
        count = int(re.search(r"MESSAGES (\d+)", status).group(1))
        if count:
            found[name] = count
    client.logout()
    return found


@needs_authres
@time_limit(300)
def test_who_runs(t):
    dovecot = instance(t)
    for mode, expected in ((None, {"Junk": 1}), ("skip", {"Junk": 1}),
                           ("global", {"Archive": 1, "After": 1, "Junk": 1})):
        for lda in (False, True):
            user = make(dovecot, mode, own=OWN, before=ARCHIVE,
                        after=ARCHIVE.replace("Archive", "After"))
            deliver(dovecot, mail(), user, lda)
            assert where(user) == expected, (mode, lda)
            for mailbox in expected:
                stored = user.only_mail(mailbox)
                assert stored.keywords >= {"$AuthFail", "$Junk"}, mailbox
                assert "dmarc=fail" in stored.authres
    assert dovecot.sent_mails() == []
    for lda in (False, True):
        user = make(dovecot, "run", before=ARCHIVE,
                    own='require ["fileinto", "mailbox"]; '
                        'fileinto :create "Own";\n')
        deliver(dovecot, mail(), user, lda)
        assert where(user) == {"Archive": 1, "Own": 1}, lda


@needs_authres
def test_other_mail_has_all_scripts(t):
    dovecot = instance(t)
    for verdict in ("dmarc=pass", "dmarc=fail policy=none"):
        for lda in (False, True):
            user = make(dovecot, "global", before=ARCHIVE,
                        own='require ["fileinto", "mailbox"]; '
                            'fileinto :create "Own";\n')
            deliver(dovecot, mail(verdict), user, lda)
            assert where(user) == {"Archive": 1, "Own": 1}, (verdict, lda)


# (script, what is stored, in the log)
SENDS = (
    ('require "vacation"; vacation :addresses "bob@mx.example" "away";',
     {"Junk": 1}, "vacation response"),
    ('redirect "else@example.net";', {"Junk": 1}, "redirect"),
    ('require "copy"; redirect :copy "else@example.net";', {"Junk": 1},
     "redirect"),
    ('redirect "else@example.net"; keep;', {"Junk": 1}, "redirect"),
    ('require "reject"; reject "No.";', {"Junk": 1}, "rejection"),
    ('require "enotify"; notify "mailto:else@example.net";', {"Junk": 1},
     "notification"),
    ('require "vnd.dovecot.report"; '
     'report "abuse" "It is forged." "else@example.net";', {"Junk": 1},
     "report"),
    ('require ["fileinto", "mailbox", "vacation"]; '
     'vacation :addresses "bob@mx.example" "away"; '
     'fileinto :create "Archive"; keep;', {"Archive": 1, "Junk": 1},
     "vacation response"),
)


@needs_authres
@time_limit(300)
def test_no_script_of_the_administrator_sends_mail(t):
    dovecot = instance(t)
    for script, expected, said in SENDS:
        for kind in ("before", "after"):
            for lda in (False, True):
                user = make(dovecot, "global", **{kind: script + "\n"})
                mark = dovecot.mark()
                deliver(dovecot, mail(), user, lda)
                assert where(user) == expected, (script, kind, lda)
                dovecot.wait_log(said + ".*authres_junk_sieve", since=mark)
    assert dovecot.sent_mails() == []
    # anybody can cause it
    assert not [line for line in dovecot.log_lines("error")
                if "Error:" in line], dovecot.log_lines("error")
    # the same scripts do send for what is not forged
    for script, _, said in SENDS:
        user = make(dovecot, "global", before=script + "\n")
        before = len(dovecot.sent_mails())
        deliver(dovecot, mail("dmarc=pass"), user)
        if said == "rejection":
            assert where(user) == {}, script
        wait_for(lambda: len(dovecot.sent_mails()) > before, script)


@needs_authres
@time_limit(300)
def test_what_a_script_of_the_administrator_decides(t):
    dovecot = instance(t)
    for scripts, expected in (
            (dict(before='require ["fileinto", "mailbox"]; '
                         'fileinto :create "Archive"; keep;\n'),
             {"Archive": 1, "Junk": 1}),
            (dict(before='require ["fileinto", "mailbox"]; '
                         'fileinto :create "Virus";\n', after=ARCHIVE),
             {"Virus": 1}),
            (dict(before="discard;\n", after=ARCHIVE), {}),
            (dict(before="stop;\n", after=ARCHIVE),
             {"Archive": 1, "Junk": 1}),
            (dict(before='fileinto "Archive";\n', after=ARCHIVE),
             {"Junk": 1}),
            (dict(before="discard;\n",
                  discard='require ["fileinto", "mailbox"]; '
                          'fileinto :create "Discarded";\n'),
             {"Discarded": 1}),
            (dict(before='require "editheader"; addheader "X-Seen" "yes";\n'),
             {"Junk": 1}),
            (dict(before='require "imap4flags"; addflag "seen-by-sieve";\n'),
             {"Junk": 1}),
            ({}, {"Junk": 1})):
        for lda in (False, True):
            user = make(dovecot, "global", own=OWN, **scripts)
            deliver(dovecot, mail(), user, lda)
            assert where(user) == expected, (scripts, lda)
    assert dovecot.sent_mails() == []
    user = make(dovecot, "global",
                before='require "imap4flags"; addflag "seen-by-sieve";\n')
    deliver(dovecot, mail(), user)
    assert "seen-by-sieve" in user.only_mail("Junk").keywords


@needs_authres
def test_a_script_that_does_not_compile_ends_in_junk(t):
    dovecot = instance(t)
    for lda in (False, True):
        user = make(dovecot, "global", own=OWN, before='fileinto "Archive";\n')
        errors = dovecot.mark("error")
        deliver(dovecot, mail(), user, lda)
        assert where(user) == {"Junk": 1}
        dovecot.wait_log("before.*fileinto", "error", errors)


@needs_authres
def test_compiled_scripts_stay_as_they_are(t):
    """A script that needs vacation runs for forged mail as compiled for all
    other, and is not compiled anew."""
    dovecot = instance(t)
    user = make(dovecot, "global",
                before='require ["vacation", "fileinto", "copy", "mailbox"];\n'
                       'fileinto :create :copy "Archive";\nvacation :seconds '
                       '0 :addresses "bob@mx.example" "away";\n'
                       .replace(":seconds 0 ", ""))
    binary = os.path.join(user.home, "before.svbin")

    def state():
        with open(binary, "rb") as f:
            return (os.stat(binary).st_mtime_ns,
                    hashlib.sha256(f.read()).hexdigest())
    deliver(dovecot, mail("dmarc=pass"), user)
    wait_for(dovecot.sent_mails, "the vacation reply")
    compiled = state()
    deliver(dovecot, mail(), user)
    assert where(user) == {"Archive": 2, "INBOX": 1, "Junk": 1}
    assert state() == compiled
    deliver(dovecot, mail("dmarc=pass"), user)
    assert where(user) == {"Archive": 3, "INBOX": 2, "Junk": 1}
    assert state() == compiled
    assert len(dovecot.sent_mails()) == 1


DUPLICATE = 'require "duplicate"; if duplicate { discard; }\n'


@needs_authres
@time_limit(300)
def test_a_forgery_does_not_eat_the_genuine_message(t):
    dovecot = instance(t)
    for scripts in (dict(mode="run", own=DUPLICATE),
                    dict(mode="run", before=DUPLICATE),
                    dict(mode="global", before=DUPLICATE)):
        for lda in (False, True):
            user = make(dovecot, **scripts)
            same = f"<same{next(_numbers)}@example.org>"
            genuine = mail("dmarc=pass", same)
            forged = mail(message_id=same)
            deliver(dovecot, forged, user, lda)
            assert where(user) == {"Junk": 1}, (scripts, lda)
            deliver(dovecot, genuine, user, lda)
            assert where(user) == {"Junk": 1, "INBOX": 1}, (scripts, lda)
            # both kinds of mail have their duplicates found
            deliver(dovecot, forged, user, lda)
            deliver(dovecot, genuine, user, lda)
            assert where(user) == {"Junk": 1, "INBOX": 1}, (scripts, lda)


@needs_authres
def test_a_forgery_uses_up_no_reply_and_no_redirect(t):
    """Vacation and redirect remember what they sent, too."""
    dovecot = instance(t)
    for script in ('require "vacation"; '
                   'vacation :addresses "bob@mx.example" "away";\n',
                   'redirect "else@example.net"; keep;\n'):
        for scripts in (dict(mode="run", own=script),
                        dict(mode="global", before=script)):
            user = make(dovecot, **scripts)
            same = f"<same{next(_numbers)}@example.org>"
            deliver(dovecot, mail(message_id=same), user)
            before = len(dovecot.sent_mails())
            deliver(dovecot, mail("dmarc=pass", same), user)
            wait_for(lambda: len(dovecot.sent_mails()) == before + 1,
                     f"mail sent by {script}")


@needs_authres
def test_recipients_with_values_of_their_own(t):
    dovecot = instance(t)
    own = ('require ["fileinto", "mailbox", "copy"]; '
           'fileinto :create :copy "Own";\n')
    users = [make(dovecot, mode, own=own, before=ARCHIVE)
             for mode in ("global", "skip", "run", "global", None)]
    replies = dovecot.deliver(mail(), users)
    assert [r.code for r in replies] == [250] * 5, replies
    assert [where(user) for user in users] == [
        {"Archive": 1, "Junk": 1}, {"Junk": 1},
        {"Archive": 1, "Own": 1, "Junk": 1}, {"Archive": 1, "Junk": 1},
        {"Junk": 1}]
    for user in users:
        assert user.only_mail("Junk").keywords >= {"$AuthFail", "$Junk"}


@needs_authres
def test_what_is_refused_runs_nothing(t):
    dovecot = instance(t, settings={"authres_reject_action": "reject"})
    user = make(dovecot, "global", own=OWN, before=ARCHIVE)
    reply = dovecot.deliver(
        mail("dmarc=fail policy=reject mail_from_spf_pass=yes"), user)
    assert reply.code == 550, reply
    assert where(user) == {} and dovecot.sent_mails() == []


@needs_authres
def test_without_sieve(t):
    dovecot = fake_verifier.dovecot(
        t, settings={"authres_junk_sieve": "global"})
    for lda in (False, True):
        user = dovecot.user()
        errors = dovecot.mark("error")
        deliver(dovecot, mail(), user, lda)
        assert where(user) == {"Junk": 1}
        assert dovecot.log_lines("error")[errors:] == []


@needs_authres
def test_sieve_loaded_after_us(t):
    dovecot = fake_verifier.dovecot(
        t, settings=dict(sieve_before="/nonexistent/none.sieve"),
        config="service lmtp {\n  process_limit = 1\n}\n")
    deliver(dovecot, mail(), dovecot.user())
    name = "late"
    user = dovecot.user(
        name, mail_plugins="authres,sieve", authres_junk_sieve="global",
        sieve_before=os.path.join(dovecot.directory, "home", name,
                                  "before.sieve"))
    user.write("before.sieve", ARCHIVE)
    deliver(dovecot, mail(), user)
    stored = sorted(path.split("/Maildir/")[1].split("/")[0]
                    for path in user.files())
    assert stored == [".Archive", ".Junk"], stored


@needs_authres
def test_junk_that_cannot_be_had_now_means_another_attempt(t):
    dovecot = instance(t)
    user = make(dovecot, "global", own=OWN,
                before='require "imap4flags"; addflag "seen";\n')
    user.mails()
    path = os.path.join(user.home, "Maildir")
    if not os.path.exists(path):
        os.mkdir(path)
        os.chown(path, MAIL_UID, MAIL_UID)
    os.chmod(path, 0o500)
    assert dovecot.deliver(mail(), user).code == 451
    assert dovecot.lda(mail(), user).returncode == 75
    assert user.files() == []
    os.chmod(path, 0o700)
    deliver(dovecot, mail(), user)
    assert where(user) == {"Junk": 1}
    assert dovecot.sent_mails() == []
