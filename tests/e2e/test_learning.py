"""The user's move is the verdict: what moves in IMAP teach, what they do not,
and whom that lets through."""
import imaplib
import json
import os

import fake_verifier
import sandbox
from case import needs_authres
from dovecot import MAIL_UID, wait_for
from moves import ALICE, LIST, Session, allowances, deliver_to, mail, plain

FORMATS = (None, "sdbox:~/sdbox")
# Junk and Trash have their special use; other folders are not the user's own.
CONFIG = """
namespace inbox {
  separator = /
  mailbox Spam {
    special_use = \\Junk
    auto = create
  }
  mailbox Abfall {
    special_use = \\Trash
    auto = create
  }
}
namespace shared {
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%%h/Maildir
  subscriptions = no
  list = children
}
namespace public {
  type = public
  separator = /
  prefix = Public/
  location = maildir:DIRECTORY:INDEX=~/public
  subscriptions = no
}
namespace virtual {
  separator = /
  prefix = Virtual/
  location = virtual:~/virtual
  subscriptions = no
}
protocol imap {
  mail_plugins = $mail_plugins imap_acl
}
"""
PUBLIC = os.path.join(os.environ.get(sandbox.INSIDE, "/nowhere"), "public")


def own(path):
    """Give it to the mail user."""
    os.chown(path, MAIL_UID, MAIL_UID)
    for root, names, files in os.walk(path):
        for name in names + files:
            os.chown(os.path.join(root, name), MAIL_UID, MAIL_UID)


def site(t):
    return fake_verifier.dovecot(
        t, plugins="acl virtual lazy_expunge",
        settings={"acl": "vfile", "acl_shared_dict": f"file:{PUBLIC}.dict"},
        config=CONFIG.replace("DIRECTORY", PUBLIC))


def by_move(s):
    s.move("INBOX")


def by_copy(s):
    uid = s.only_uid()
    s.uid("COPY", uid, "INBOX")
    s.expunge(uid)


def by_uid_expunge(s):
    uid = s.only_uid()
    s.uid("COPY", uid, "INBOX")
    s.client.noop()
    s.store("+FLAGS", "\\Deleted", uid)
    s.uid("EXPUNGE", uid)


def by_notjunk(s):
    s.store("+FLAGS", "$NotJunk")


def by_nonjunk(s):
    s.store("+FLAGS", "NonJunk")


def by_replaced_flags(s):
    s.store("FLAGS", "\\Seen $NotJunk")


def like_thunderbird(s):
    s.store("-FLAGS", "Junk")
    s.store("+FLAGS", "NonJunk")
    s.move("INBOX")


RELEASES = (by_move, by_copy, by_uid_expunge, by_notjunk, by_nonjunk,
            by_replaced_flags, like_thunderbird)


@needs_authres
def test_released_and_remembered(t):
    dovecot = plain(t)
    for storage in FORMATS:
        for release in RELEASES:
            what = (storage, release.__name__)
            user = dovecot.user(**({"mail": storage} if storage else {}))
            first = deliver_to(user, mail(), "Junk")
            assert {"$Junk", "Junk"} <= first.keywords
            mark = dovecot.mark()
            with Session(user) as s:
                release(s)
            assert allowances(user) == [f"list:{LIST} {ALICE}"], what
            stays = release in (by_notjunk, by_nonjunk, by_replaced_flags)
            released = user.only_mail("Junk" if stays else "INBOX")
            assert "$NotJunk" in released.keywords, (what, released.keywords)
            assert not {"$Junk", "Junk", "$Phishing"} & released.keywords, what
            assert released.data == first.data
            lines = dovecot.wait_log("authres: released", since=mark)
            assert f"from=example.org allowed=list:{LIST}" in lines, lines
            assert "alice" not in lines.partition("authres:")[2]

            mark = dovecot.mark()
            second = deliver_to(user, mail(number=2), "INBOX")
            assert {"$AuthOverride", "$AuthFail"} <= second.keywords, what
            assert not {"$Junk", "Junk"} & second.keywords
            # nothing of it in the field
            assert second.authres == first.authres
            line = dovecot.wait_log("authres: .*override=", since=mark)
            assert f"override=local_policy (list:{LIST})" in line
            assert "-> INBOX" in line
            # once, however often it is said
            assert len([x for x in dovecot.log_lines()
                        if "authres: released" in x and
                        f"({user.name})" in x]) == 1, what


@needs_authres
def test_many_of_one_list(t):
    user = plain(t).user()
    path = os.path.join(user.home, ".dovecot.authres")
    for number in range(3):
        user.dovecot.deliver(mail(number=number), user)
    with Session(user) as s:
        s.move("INBOX", "1")
        first = os.stat(path)
        s.move("INBOX", "2:3")
    # written once
    assert os.stat(path).st_mtime_ns == first.st_mtime_ns
    assert allowances(user) == [f"list:{LIST} {ALICE}"]


@needs_authres
def test_forwarder(t):
    user = plain(t).user()
    data = mail(list_domain=None, forwarder="192.0.2.9")
    deliver_to(user, data, "Junk")
    with Session(user) as s:
        s.move("INBOX")
    assert allowances(user) == [f"forwarder:192.0.2.9 {ALICE}"]
    deliver_to(user, data, "INBOX")
    deliver_to(user, mail(list_domain=None, forwarder="192.0.2.8"), "Junk")
    deliver_to(user, mail(list_domain="192.0.2.9"), "Junk")
    # the list counts first, but the forwarder is enough
    deliver_to(user, mail(forwarder="192.0.2.9"), "INBOX")


@needs_authres
def test_who_still_goes_to_junk(t):
    dovecot = plain(t)
    user, other = dovecot.user(), dovecot.user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    for case, data in enumerate((
            # the same From, and nothing else; another customer of the service
            # that signed the first one
            mail(list_domain=None),
            mail(list_domain=None, dkim="pass"),
            # another list, look-alikes
            mail(list_domain="lists.example.com"),
            mail(list_domain="lists.example.net.evil.example"),
            mail(list_domain="evil-lists.example.net"),
            mail(list_domain="example.net"),
            mail(list_domain="a.lists.example.net"),
            mail(list_domain="lists.examp1e.net"),
            # the name as forwarder
            mail(list_domain=None, forwarder=LIST),
            # another author of the list, even at the same domain
            mail("bob@example.org"),
            mail("alice@example.com"),
            mail("alice@sub.example.org"),
            # it looks like phishing; From names more than one
            mail(phishing="yes"),
            mail(author_address=None))):
        stored = deliver_to(user, data, "Junk")
        assert "$AuthOverride" not in stored.keywords, case
    deliver_to(other, mail(), "Junk")
    assert deliver_to(user, mail(policy="reject"), "INBOX")
    # case of the local part is the same author
    assert deliver_to(user, mail("Alice@example.org"), "INBOX")
    # expired
    assert dovecot.doveadm("authres", "allow", "add", "-u", other.name,
                           "--expire", "1s", ALICE, "list:" + LIST,
                           check=True)
    wait_for(lambda: "expired" in dovecot.doveadm(
        "authres", "allow", "list", "-u", other.name).stdout, "expiry")
    deliver_to(other, mail(), "Junk")
    # two recipients of one message: each its own, one field for both
    replies = dovecot.deliver(mail(number=7), [user, other])
    assert [r.code for r in replies] == [250, 250]
    ours = [m for m in user.mails() if b"number 7" in m.data]
    theirs = [m for m in other.mails("Junk") if b"number 7" in m.data]
    assert len(ours) == 1 and len(theirs) == 1
    assert ours[0].authres == theirs[0].authres
    assert "$AuthOverride" not in theirs[0].keywords


@needs_authres
def test_mail_that_teaches_nothing(t):
    dovecot = plain(t)
    for what, data, settings in (
            ("bare signature", mail(list_domain=None, dkim="pass"), {}),
            ("phishing by the verdict", mail(phishing="yes"), {}),
            ("phishing, its keyword configured", mail(phishing="yes"),
             dict(authres_keyword_phishing="$Phishing")),
            ("two authors", mail(author_address=None), {}),
            ("another author than From",
             mail(author_address="mallory@example.org"), {}),
            ("authres_learn=no", mail(), dict(authres_learn="no"))):
        user = dovecot.user(**settings)
        data = data.replace(b"From: Alice <mallory@", b"From: Alice <alice@")
        deliver_to(user, data, "Junk")
        with Session(user) as s:
            s.move("INBOX")
        assert allowances(user) == [], what
        keywords = user.only_mail().keywords
        assert "$NotJunk" in keywords, what
        assert not {"$Junk", "Junk", "$Phishing"} & keywords, what
        deliver_to(user, data, "Junk")


@needs_authres
def test_phishing_keyword_of_a_client(t):
    user = plain(t).user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.store("+FLAGS", "$Phishing")
        s.move("INBOX")
    assert allowances(user) == []
    assert "$Phishing" not in user.only_mail().keywords
    with Session(user, "INBOX") as s:
        s.expunge()
    # said at once, and by what replaces it
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.store("+FLAGS", "$Phishing")
        s.store("FLAGS", "$NotJunk")
    assert allowances(user) == []


@needs_authres
def test_mail_that_delivery_did_not_file(t):
    dovecot = plain(t)
    user, other = dovecot.user(), dovecot.user()
    stored = deliver_to(other, mail(), "Junk").data
    client = user.imap()
    client.create("Junk")
    for mailbox in ("Junk", "INBOX"):
        assert client.append(mailbox, "($Junk)", None, stored)[0] == "OK"
    client.logout()
    for release in (by_notjunk, by_move):
        with Session(user) as s:
            release(s)
        assert allowances(user) == []
    # there and back again
    with Session(user, "INBOX") as s:
        s.uid("MOVE", "1:*", "Junk")
    with Session(user) as s:
        s.uid("MOVE", "1:*", "INBOX")
    assert allowances(user) == []
    assert all("$NotJunk" in m.keywords for m in user.mails())

    # dsync brings the same message, and says nothing of how it came there
    third = dovecot.user()
    done = dovecot.doveadm("backup", "-u", other.name,
                           "maildir:" + os.path.join(third.home, "Maildir"))
    assert done.returncode == 0, done.stderr
    own(third.home)
    with Session(third) as s:
        s.move("INBOX")
    assert third.only_mail().authres
    assert allowances(third) == []


@needs_authres
def test_copies_that_stay(t):
    user = plain(t).user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        uid = s.only_uid()
        s.uid("COPY", uid, "INBOX")
        assert allowances(user) == []
        assert "$NotJunk" in user.only_mail().keywords
        assert "$Junk" in user.only_mail("Junk").keywords
    # another session knows nothing of the copy
    with Session(user) as s:
        s.expunge()
    assert allowances(user) == [] and user.mails("Junk") == []
    # the copy is one of ours all the same
    with Session(user, "INBOX") as s:
        s.move("Junk")
    assert "$Junk" in user.only_mail("Junk").keywords
    with Session(user) as s:
        s.move("INBOX")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]


@needs_authres
def test_failed_copy(t):
    user = plain(t).user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        uid = s.only_uid()
        assert s.client.uid("COPY", uid, "Nowhere")[0] == "NO"
        assert s.client.uid("MOVE", uid, "Nowhere")[0] == "NO"
        s.expunge(uid)
    assert allowances(user) == []


@needs_authres
def test_to_trash_and_gone(t):
    for dovecot, junk, trashes in (
            (plain(t), "Junk", ("Trash", "Deleted Messages", "Corbeille",
                                "trash", "Trash.2026")),
            (site(t), "Spam", ("Abfall", "Trash", "Papierkorb",
                               "Papierkorb/alt",
                               "&BBoEPgRABDcEOAQ9BDA-"))):
        for trash in trashes:
            user = dovecot.user()
            for how in (by_move, by_copy):
                deliver_to(user, mail(), junk)
                client = user.imap()
                client.create(f'"{trash}"')
                with Session(user, junk, client) as s:
                    uid = s.only_uid()
                    if how is by_move:
                        s.move(trash)
                    else:
                        s.uid("COPY", uid, f'"{trash}"')
                        s.expunge(uid)
            assert allowances(user) == [], trash
            for stored in user.mails(trash):
                assert "$Junk" in stored.keywords, trash
            with Session(user, trash) as s:
                s.uid("MOVE", "1:*", "INBOX")
            assert allowances(user) == [], trash
            assert len(user.mails()) == 2


SEVERAL_JUNK = """
namespace inbox {
  separator = /
  mailbox Spam {
    special_use = \\Junk
    auto = subscribe
  }
  mailbox Junk {
    special_use = \\Junk
  }
}
"""


@needs_authres
def test_several_junk_mailboxes(t):
    dovecot = fake_verifier.dovecot(t, config=SEVERAL_JUNK)
    user = dovecot.user()
    deliver_to(user, mail(), "Spam")
    client = user.imap()
    client.create("Junk")
    # from one to the other is no release, out of any is
    with Session(user, "Spam", client) as s:
        s.move("Junk")
    assert allowances(user) == []
    stored = user.only_mail("Junk")
    assert {"$Junk", "Junk"} <= stored.keywords
    assert "$NotJunk" not in stored.keywords
    listed = json.loads(dovecot.doveadm("-f", "json", "authres", "list", "-u",
                                        user.name, check=True).stdout)
    assert [row["mailbox"] for row in listed] == ["Junk"]
    deliver_to(user, mail(number=2), "Spam")
    listed = json.loads(dovecot.doveadm("-f", "json", "authres", "list", "-u",
                                        user.name, check=True).stdout)
    assert sorted(row["mailbox"] for row in listed) == ["Junk", "Spam"]
    impact = json.loads(dovecot.doveadm("-f", "json", "authres", "impact", "-u",
                                        user.name, check=True).stdout)
    assert impact[-1]["in_junk"] == 2, impact
    told = dovecot.doveadm("authres", "explain", "-u", user.name, "Junk",
                           "1", check=True).stdout
    assert "in Junk because of the policy" in told, told
    with Session(user) as s:
        s.move("INBOX")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]
    # into any takes it back
    with Session(user, "INBOX") as s:
        s.move("Junk")
    assert allowances(user) == []
    assert "$Junk" in user.only_mail("Junk").keywords


@needs_authres
def test_expunged_with_lazy_expunge(t):
    # what the plugin saves is no move by the user
    user = site(t).user(lazy_expunge="EXPUNGED")
    deliver_to(user, mail(), "Spam")
    with Session(user, "Spam") as s:
        s.expunge()
    assert allowances(user) == []
    assert len(user.mails("EXPUNGED")) == 1
    deliver_to(user, mail(), "Spam")
    with Session(user, "Spam") as s:
        by_copy(s)
    assert allowances(user) == [f"list:{LIST} {ALICE}"]


@needs_authres
def test_other_mailboxes_of_the_user(t):
    dovecot = site(t)
    user = dovecot.user()
    deliver_to(user, mail(), "Spam")
    client = user.imap()
    client.create("Work")
    with Session(user, "Spam", client) as s:
        s.move("Work")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]
    deliver_to(user, mail(), "INBOX")
    # a mailbox whose name only looks like Junk is none
    user = dovecot.user()
    client = user.imap()
    client.create("Junk")
    with Session(user, "INBOX", client) as s:
        deliver_to(user, mail(), "Spam")
    with Session(user, "Spam") as s:
        s.move("Junk")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]
    # by name
    user = dovecot.user(authres_junk_mailbox="Held")
    deliver_to(user, mail(), "Held")
    with Session(user, "Held") as s:
        s.move("Spam")
    assert allowances(user) == [f"list:{LIST} {ALICE}"]


@needs_authres
def test_mailboxes_of_others(t):
    dovecot = site(t)
    os.makedirs(PUBLIC + "/.News/cur")
    with open(PUBLIC + "/.News/dovecot-acl", "w") as f:
        f.write("anyone lrwstipekxa\n")
    own(PUBLIC)
    open(PUBLIC + ".dict", "w").close()
    own(PUBLIC + ".dict")
    owner, user = dovecot.user(), dovecot.user()
    for name in ("Spam", "Work"):
        client = owner.imap()
        client.create(name)
        assert client.setacl(name, user.name, "lrwstipekxa")[0] == "OK"
        client.logout()
    shared = f"shared/{owner.name}/"
    # somebody else's Junk to one's own mailbox, and the other way round
    deliver_to(owner, mail(), "Spam")
    with Session(user, shared + "Spam") as s:
        s.move("INBOX")
    deliver_to(user, mail(), "Spam")
    with Session(user, "Spam") as s:
        s.move(shared + "Work")
    deliver_to(user, mail(), "Spam")
    with Session(user, "Spam") as s:
        s.move("Public/News")
    # within the other's
    deliver_to(owner, mail(), "Spam")
    with Session(user, shared + "Spam") as s:
        s.store("+FLAGS", "$NotJunk")
        s.move(shared + "Work")
    assert len(owner.mails("Work")) == 2
    assert allowances(user) == [] and allowances(owner) == []
    # and what came back from there is no evidence
    with Session(user, shared + "Work") as s:
        s.uid("MOVE", "1:*", "Spam")
    with Session(user, "Spam") as s:
        s.uid("MOVE", "1:*", "INBOX")
    assert allowances(user) == []


@needs_authres
def test_virtual_mailboxes(t):
    dovecot = site(t)
    for how in ("move", "copy", "store", "into"):
        user = dovecot.user()
        client = user.imap()
        client.create("Work")
        client.logout()
        for name, text in (("All", "Spam\nINBOX\n  all\n"),
                           ("Work", "!Work\n  all\n")):
            path = os.path.join(user.home, "virtual", name)
            os.makedirs(path)
            with open(os.path.join(path, "dovecot-virtual"), "w") as f:
                f.write(text)
        own(os.path.join(user.home, "virtual"))
        deliver_to(user, mail(), "Spam")
        with Session(user, "Spam" if how == "into" else "Virtual/All") as s:
            uid = s.only_uid()
            if how == "move":
                s.move("Work")
            elif how == "copy":
                s.uid("COPY", uid, "Work")
                s.expunge(uid)
            elif how == "store":
                s.store("+FLAGS", "$NotJunk")
            else:
                s.move("Virtual/Work")
        assert allowances(user) == [f"list:{LIST} {ALICE}"], how
        stored = user.only_mail("Spam" if how == "store" else "Work")
        assert "$NotJunk" in stored.keywords and "$Junk" not in \
            stored.keywords, (how, stored.keywords)


@needs_authres
def test_back_into_junk(t):
    dovecot = plain(t)

    def into_junk(s):
        s.move("Junk")

    def copied(s):
        s.uid("COPY", s.only_uid(), "Junk")

    def marked(s):
        s.store("+FLAGS", "$Junk")

    for storage in FORMATS:
        for how in (into_junk, copied, marked):
            user = dovecot.user(**({"mail": storage} if storage else {}))
            deliver_to(user, mail(), "Junk")
            with Session(user) as s:
                s.move("INBOX")
            assert len(allowances(user)) == 1
            mark = dovecot.mark()
            with Session(user, "INBOX") as s:
                how(s)
            assert allowances(user) == [], how
            dovecot.wait_log("authres: moved to Junk from=example.org no "
                             f"longer allowed=list:{LIST}", since=mark)
            stored = user.only_mail("INBOX" if how is marked else "Junk")
            assert {"$Junk", "Junk"} <= stored.keywords, stored.keywords
            assert "$NotJunk" not in stored.keywords
            deliver_to(user, mail(), "Junk")
            if how is into_junk:
                with Session(user) as s:
                    s.uid("MOVE", "1:*", "INBOX")
                assert len(allowances(user)) == 1
    # mail of that list that passed says the same
    user = dovecot.user()
    deliver_to(user, mail(), "Junk")
    with Session(user) as s:
        s.move("INBOX")
    with Session(user, "INBOX") as s:
        s.expunge()
    deliver_to(user, mail(dmarc="pass"), "INBOX")
    with Session(user, "INBOX") as s:
        s.move("Junk")
    assert allowances(user) == []


@needs_authres
def test_doveadm_and_dsync(t):
    dovecot = plain(t)
    user = dovecot.user()
    deliver_to(user, mail(), "Junk")
    dovecot.doveadm("move", "-u", user.name, "INBOX", "mailbox", "Junk", "all",
                    check=True)
    assert len(user.mails()) == 1 and allowances(user) == []
    dovecot.doveadm("authres", "allow", "add", "-u", user.name, ALICE,
                    "list:" + LIST, check=True)
    dovecot.doveadm("move", "-u", user.name, "Junk", "mailbox", "INBOX", "all",
                    check=True)
    assert len(allowances(user)) == 1
    dovecot.doveadm("flags", "add", "-u", user.name, "$NotJunk", "mailbox",
                    "Junk", "all", check=True)
    dovecot.doveadm("authres", "allow", "remove", "-u", user.name, ALICE,
                    "list:" + LIST, check=True)

    # a replica hears of a move
    user, replica = dovecot.user(), dovecot.user()
    deliver_to(user, mail(), "Junk")
    where = "maildir:" + os.path.join(replica.home, "Maildir")

    dovecot.doveadm("backup", "-u", user.name, where, check=True)
    own(replica.home)
    with Session(replica) as s:
        s.move("INBOX")
    dovecot.doveadm("backup", "-R", "-u", user.name, where, check=True)
    own(replica.home)
    assert user.only_mail().authres and user.mails("Junk") == []
    assert allowances(user) == [] and allowances(replica) == []


@needs_authres
def test_master_user(t):
    masters = os.path.join(t.directory(), "masters")
    with open(masters, "w") as f:
        f.write("admin:master\n")
    dovecot = fake_verifier.dovecot(t, own=True, config=f"""
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {masters}
  master = yes
}}
""")
    user = dovecot.user()
    deliver_to(user, mail(), "Junk")
    client = imaplib.IMAP4("127.0.0.1", dovecot.imap_port, 30)
    client.login(f"{user.name}*admin", "master")
    with Session(user, "Junk", client) as s:
        s.move("INBOX")
    assert len(user.mails()) == 1 and allowances(user) == []
