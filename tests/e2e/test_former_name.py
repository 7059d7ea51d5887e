"""Our name in the field has changed, as a container's host name does: what was
delivered before stays listed, explained, released and learnt from."""
import fake_verifier
from case import needs_authres
from moves import ALICE, LIST, Session, allowances, deliver_to, mail
from test_doveadm_review import Site, append, authres, deliver

FORMER, NEW = "3f2a9c1b7d55", "9d0eaa115c00"
FORMATS = ("maildir:~/Maildir", "sdbox:~/sdbox")


def rename(dovecot):
    """The container was made anew."""
    dovecot.stop()
    dovecot.set_setting("authres_authserv_id", NEW)
    dovecot.start()


def explained(dovecot, user, mailbox, uid, code=0):
    row, = authres(dovecot, "explain", "-u", user.name, mailbox, str(uid),
                   code=code)
    return row["explanation"]


@needs_authres
def test_doveadm_knows_the_former_name(t):
    dovecot = t.own_dovecot(settings={"authres_authserv_id": FORMER})
    site = Site(t)
    users = [dovecot.user(mail=location) for location in FORMATS]
    forged = {}
    for user in users:
        deliver(site, site.spoof(), user)
        deliver(site, site.genuine(), user)
        # what stands in the store, brought here by a client: no record
        forged[user] = user.only_mail("Junk").data
        append(user, forged[user], "Junk")
    rename(dovecot)
    for user in users:
        rows = authres(dovecot, "list", "-u", user.name)
        assert [(r["uid"], r["author_domain"], r["delivered"])
                for r in rows] == [(1, site.domain, "yes")], rows
        assert site.domain in explained(dovecot, user, "Junk", 1)
        # what passed has a record as well
        assert "gave its consent" not in explained(dovecot, user, "INBOX", 1)
        assert site.domain in explained(dovecot, user, "INBOX", 1)
        # the same bytes without a record are nobody's word
        told = explained(dovecot, user, "Junk", 2)
        assert "field of ours" in told and site.domain not in told, told
        # a stranger writes that name into what is delivered now: it stays
        # below ours and says nothing
        deliver(site, forged[user], user)
        told = explained(dovecot, user, "Junk", 3)
        assert user.mails("Junk")[2].authres.startswith(NEW), told
        authres(dovecot, "release", "-u", user.name, "Junk", "1")
        assert len(user.mails("Junk")) == 2
        assert len(user.mails()) == 2
        # the record went along
        assert site.domain in explained(dovecot, user, "INBOX", 2)


@needs_authres
def test_moves_teach_under_the_former_name(t):
    dovecot = fake_verifier.dovecot(
        t, own=True, settings={"authres_authserv_id": FORMER})
    users = [dovecot.user(mail=location) for location in FORMATS]
    for user in users:
        deliver_to(user, mail(), "Junk")
        bare = user.only_mail("Junk").data
        append(user, bare.replace(b"alice@", b"mallory@"), "Junk")
    rename(dovecot)
    for user in users:
        with Session(user) as session:
            session.move("INBOX", "2")
            assert not allowances(user)
            session.move("INBOX", "1")
        assert allowances(user) == [f"list:{LIST} {ALICE}"], allowances(user)
        deliver_to(user, mail(number=2), "INBOX")
