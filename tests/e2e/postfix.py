"""A real Postfix on a Host (host.py), with /etc/postfix and queue of its own.

	host = t.host("postfix")                  # before anything else
	postfix = t.shared("postfix", lambda: Postfix(host))
	dovecot = t.dovecot(config=f"...{postfix.queue_directory}...")
	postfix.use(main="mailbox_transport = lmtp:unix:...\n")
	postfix.send(mail, user.address, "a@example.org", client=CLIENT)
	mail, mailbox = user.wait_mail()
"""
import os
import pwd
import re

import sandbox
from host import OURS
from mta import HOSTNAME, Mta

DAEMONS = "/usr/lib/postfix/sbin"

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


class Postfix(Mta):
    """It listens on port 25 of loopback and of the host's own addresses, and
    takes mail to any user of mx.example. use(main, master) runs it with these
    lines at the end of main.cf, where they replace what is there, and of
    master.cf."""

    def __init__(self, host):
        super().__init__(host)
        self.directory = sandbox.temporary_directory("pf")
        self.queue_directory = os.path.join(self.directory, "queue")
        self.log_path = os.path.join(self.directory, "log", "mail.log")
        os.chmod(self.directory, 0o755)
        uid, setgid = self._users()
        for name, mode in (("queue", 0o755), ("data", 0o700), ("log", 0o755),
                           ("queue/pid", 0o755)):
            os.mkdir(os.path.join(self.directory, name), mode)
        os.chown(os.path.join(self.directory, "data"), uid, -1)
        for name, mode in _QUEUE:
            path = os.path.join(self.queue_directory, name)
            os.mkdir(path)
            group = setgid if name in ("maildrop", "public") else -1
            os.chown(path, uid, group)
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

    def configure(self, main="", master=""):
        interfaces = ("127.0.0.1", "::1") + OURS
        base = _MAIN.format(
            hostname=HOSTNAME, directory=self.directory, interfaces=" ".join(
                f"[{a}]" if ":" in a else a for a in interfaces))
        said = set(re.findall(r"(?m)^(\w+) *=", main))
        self.host.write("/etc/postfix/main.cf", "".join(
            line + "\n" for line in base.split("\n")
            if line.partition(" ")[0] not in said) + main)
        self.host.write("/etc/postfix/master.cf", _MASTER + master)
        # its programs wait until a file is two seconds old
        os.utime("/etc/postfix/main.cf", (0, 0))
        return ["env", "MAIL_LOGTAG=postfix", DAEMONS + "/master", "-d"]
