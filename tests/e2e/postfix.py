"""A real Postfix on a Host (host.py), with /etc/postfix and queue of its own.

	host = t.host("postfix")                  # before anything else
	postfix = t.shared("postfix", lambda: Postfix(host))
	dovecot = t.dovecot(config=f"...{postfix.queue_directory}...")
	postfix.use(main="mailbox_transport = lmtp:unix:...\n")
	postfix.send(mail, user.address, "a@example.org", client=CLIENT)
	mail, mailbox = user.wait_mail()

Mail to any user@mx.example is local. It listens on port 25 of loopback and of
the host's own addresses.
"""
import os
import pwd
import re
import signal
import smtplib
import subprocess

import sandbox
from dovecot import wait_for
from host import OURS

DAEMONS = "/usr/lib/postfix/sbin"
HOSTNAME = "mx.example"

_MAIN = """
compatibility_level = 3.6
myhostname = {hostname}
mydestination = $myhostname
myorigin = $myhostname
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = {interfaces}
inet_protocols = all
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file_prefixes = {directory}
maillog_file = {directory}/log/mail.log
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
smtputf8_enable = no
append_dot_mydomain = no
biff = no
"""

_MASTER = """
smtp       inet  n - n - - smtpd
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
showq      unix  n - n - - showq
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
local      unix  - n n - - local
virtual    unix  - n n - - virtual
lmtp       unix  - - n - - lmtp
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
"""

# as the package's postfix-files has them: owner postfix, mode
_QUEUE = [(name, 0o700) for name in (
    "active bounce corrupt defer deferred flush hold incoming private saved "
    "trace").split()] + [("maildrop", 0o730), ("public", 0o710)]


class Postfix:
    """interfaces: addresses to listen on, port 25; those of the host that are
    ours and loopback by default. It runs after use(), once what the
    configuration names is there."""

    def __init__(self, host, interfaces=None):
        self.host = host
        self.interfaces = interfaces or ("127.0.0.1", "::1") + OURS
        self.directory = sandbox.temporary_directory("pf")
        self.queue_directory = os.path.join(self.directory, "queue")
        self.log_path = os.path.join(self.directory, "log", "mail.log")
        self._master = None
        self.configuration = None
        os.chmod(self.directory, 0o755)
        self.uid, self.setgid = self._users()
        for name, mode in (("queue", 0o755), ("data", 0o700), ("log", 0o755),
                           ("queue/pid", 0o755)):
            os.mkdir(os.path.join(self.directory, name), mode)
        os.chown(os.path.join(self.directory, "data"), self.uid, -1)
        for name, mode in _QUEUE:
            path = os.path.join(self.queue_directory, name)
            os.mkdir(path)
            group = self.setgid if name in ("maildrop", "public") else -1
            os.chown(path, self.uid, group)
            os.chmod(path, mode)

    def _users(self):
        """What the package's installation would have done."""
        try:
            uid = pwd.getpwnam("postfix").pw_uid
        except KeyError:
            uid = self.host.add_user("postfix")
        setgid = os.stat("/usr/sbin/postdrop").st_gid
        if setgid == 0:
            setgid = self.host.add_group("postdrop")
            for program in ("/usr/sbin/postdrop", "/usr/sbin/postqueue"):
                os.chown(program, 0, setgid)
                os.chmod(program, 0o2755)
        return uid, setgid

    def use(self, main="", master=""):
        """start(), unless it runs with just these lines."""
        if self._master is None or self.configuration != (main, master):
            self.start(main, master)

    def start(self, main="", master=""):
        """main, master: lines at the end of main.cf, which replace what is
        there, and of master.cf. One that runs is ended first: reloading would
        leave a moment of both."""
        self.close()
        interfaces = " ".join(f"[{a}]" if ":" in a else a
                              for a in self.interfaces)
        base = _MAIN.format(hostname=HOSTNAME, interfaces=interfaces,
                            directory=self.directory)
        said = set(re.findall(r"(?m)^(\w+) *=", main))
        self.host.write("/etc/postfix/main.cf", "".join(
            line + "\n" for line in base.split("\n")
            if line.partition(" ")[0] not in said) + main)
        self.host.write("/etc/postfix/master.cf", _MASTER + master)
        # its programs wait until a file is two seconds old
        os.utime("/etc/postfix/main.cf", (0, 0))
        self._master = subprocess.Popen(
            [DAEMONS + "/master", "-d"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
            env=dict(os.environ, MAIL_LOGTAG="postfix"))
        self.configuration = main, master
        wait_for(self._answers, "Postfix's start")

    def _answers(self):
        if self._master.poll() is not None:
            raise AssertionError("Postfix ended: " + self._master.stdout.read()
                                 + "".join(self.log_lines()))
        try:
            with smtplib.SMTP(self.interfaces[0], 25, "localhost", 5):
                return True
        except OSError:
            return False

    def send(self, *arguments, **options):
        """See Host.send()."""
        self.host.send(*arguments, **options)

    def sendmail(self, message, rcpt, mail_from=None, user="nobody"):
        """sendmail(1) as a local user."""
        command = ["/usr/sbin/sendmail", "-i"]
        if mail_from is not None:
            command += ["-f", mail_from]
        entry = pwd.getpwnam(user)
        subprocess.run(command + [rcpt], input=message.replace(b"\r\n", b"\n"),
                       check=True, capture_output=True, user=entry.pw_uid,
                       group=entry.pw_gid, extra_groups=[], cwd="/")

    def log_lines(self):
        try:
            with open(self.log_path, encoding="utf-8",
                      errors="surrogateescape") as f:
                return f.readlines()
        except FileNotFoundError:
            return []

    def close(self):
        if self._master is not None:
            # all of them: it would wait seconds for those that are idle
            os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()
            self._master.stdout.close()
            self._master = None
