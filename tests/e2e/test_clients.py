"""What people see in real mail clients, and what their clicks do."""
import os
import shutil
import subprocess

import message
import roundcube
from case import Skip, needs_authres, time_limit
from dovecot import PASSWORD, wait_for


def delivered(t, user, subject, policy="quarantine", spf="v=spf1 -all",
              extra=()):
    """Deliver a message from a domain of its own; returns the domain."""
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "{spf}"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}"\n')
    data = message.message(
        f"boss@{domain}", subject=subject,
        extra=[message.received("203.0.113.9", "client.example"), *extra])
    assert user.dovecot.deliver(data, user, f"boss@{domain}").code == 250
    return domain


class Webmail:
    """Roundcube with a user logged in."""

    def __init__(self, t, user):
        lack = roundcube.missing()
        if lack:
            raise Skip(lack)
        self.web = roundcube.Roundcube(user.dovecot)
        t.own(self.web)
        self.browser = roundcube.Browser()
        t.own(self.browser)
        self.browser.log_in(self.web, user)

    def open(self, mailbox):
        """The rows of the message list, once they are shown."""
        self.browser.driver.get(f"{self.web.url}?_task=mail&_mbox={mailbox}")
        return self.browser.find("#messagelist tbody tr.message")

    def not_junk(self):
        """Click the button for the selected message. Roundcube may not listen
        to it yet when it is shown: then again, as a person would."""
        self.browser.find("#messagelist tbody tr.message.selected")
        for _ in range(4):
            self.browser.find("a.notjunk:not(.disabled)").click()
            try:
                return wait_for(lambda: not self.browser.shows(
                    "#messagelist tbody tr.message"), "the row is gone", 6)
            except AssertionError:
                pass
        raise AssertionError("the message stays in the list")


@needs_authres
@time_limit(120)
def test_roundcube_shows_junk_and_releases_it(t):
    user = t.dovecot().user()
    delivered(t, user, "spoofed")
    webmail = Webmail(t, user)
    browser = webmail.browser
    browser.picture("1-inbox")
    row = webmail.open("Junk")
    assert "spoofed" in row.text, row.text
    row.click()
    # Roundcube's junk state: what may be done is the opposite
    browser.find("a.notjunk:not(.disabled)")
    assert not browser.shows("a.junk")
    browser.picture("2-junk")
    webmail.not_junk()
    wait_for(lambda: user.mails("INBOX"), "the message is in INBOX")
    assert not user.mails("Junk")
    keywords = user.only_mail().keywords
    assert "NonJunk" in keywords, keywords
    assert not keywords & {"Junk", "$Junk"}, keywords
    assert "spoofed" in webmail.open("INBOX").text
    browser.picture("3-released")
    assert "PHP Error" not in webmail.web.errors(), webmail.web.errors()


@needs_authres
@time_limit(120)
def test_roundcube_release_is_remembered(t):
    user = t.dovecot().user()
    author, lists = t.domain(), t.domain()
    t.dns.add_zone(f'{author}. TXT "v=spf1 -all"\n'
                   f'_dmarc.{author}. TXT "v=DMARC1; p=quarantine"\n'
                   + message.RSA.record("s1", author)
                   + message.RSA.record("s1", lists))

    def list_mail(subject):
        # the author signed it, the list added a line and signed that
        data = message.dkim_sign(message.message(
            f"carol@{author}", subject=subject,
            extra=[f"List-Id: <dev.{lists}>"]), author,
            headers=("From", "Subject"))
        data = message.dkim_sign(data + b"-- the list\r\n", lists,
                                 headers=("From", "Subject", "List-Id"))
        data = message.received("203.0.113.9", "list.example").encode() + \
            b"\r\n" + data
        assert user.dovecot.deliver(data, user,
                                    f"bounces@{lists}").code == 250
    list_mail("first")
    assert not user.mails("INBOX")
    webmail = Webmail(t, user)
    webmail.open("Junk").click()
    webmail.not_junk()
    wait_for(lambda: user.mails("INBOX"), "the message is in INBOX")
    allowed = user.dovecot.doveadm("-f", "tab", "authres", "allow", "list",
                                   "-u", user.name, check=True).stdout
    assert f"carol@{author}" in allowed and lists in allowed, allowed
    list_mail("second")
    assert len(user.mails("INBOX")) == 2
    assert "second" in webmail.open("INBOX").text
    webmail.browser.picture("4-remembered")


NEOMUTT = """set folder = imap://127.0.0.1:{port}/
set spoolfile = +{mailbox}
set imap_user = {user}
set imap_pass = {password}
set ssl_starttls = no
set ssl_force_tls = no
set header_cache = ""
set index_format = "%s [%g]"
set sort_browser = unsorted
"""


class Screen:
    """A program in a terminal, and what a person sees there."""

    def __init__(self, directory, *command):
        self._tmux = ["tmux", "-S", os.path.join(directory, "tmux"),
                      "-f", "/dev/null"]
        subprocess.run([*self._tmux, "new-session", "-d", "-x", "120", "-y",
                        "30", *command], check=True,
                       env={**os.environ, "TERM": "xterm", "HOME": directory})

    def text(self):
        return subprocess.run([*self._tmux, "capture-pane", "-p"],
                              capture_output=True, text=True).stdout

    def close(self):
        subprocess.run([*self._tmux, "kill-server"], capture_output=True)


@needs_authres
def test_neomutt_shows_keywords(t):
    if not shutil.which("neomutt") or not shutil.which("tmux"):
        raise Skip("neomutt or tmux is not installed")
    user = t.dovecot().user()
    delivered(t, user, "passed", spf="v=spf1 ip4:203.0.113.9 -all")
    delivered(t, user, "spoofed")
    for mailbox, subject, keywords in (("INBOX", "passed", ["$AuthPass"]),
                                       ("Junk", "spoofed",
                                        ["$AuthFail", "$Junk", "Junk"])):
        directory = t.directory("neomutt")
        rc = os.path.join(directory, "rc")
        with open(rc, "w") as f:
            f.write(NEOMUTT.format(port=user.dovecot.imap_port, mailbox=mailbox,
                                   user=user.name, password=PASSWORD))
        screen = Screen(directory, "neomutt", "-n", "-F", rc)
        t.own(screen)
        line = wait_for(lambda: [line for line in screen.text().splitlines()
                                 if subject + " [" in line],
                        f"neomutt shows {subject}")[0]
        shown = line.partition("[")[2].partition("]")[0].split()
        assert sorted(shown) == sorted(keywords), screen.text()
