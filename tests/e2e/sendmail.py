"""A real Sendmail on a Host (host.py) of the package sendmail-bin."""
import os
import subprocess

import sandbox
from host import OURS, run
from mta import HOSTNAME, Mta

PROGRAM = "/usr/libexec/sendmail/sendmail"

_BEGIN = """
define(`_CF_DIR_', `/usr/share/sendmail/cf/')dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{hostname}')dnl
define(`confPID_FILE', `{directory}/pid')dnl
define(`QUEUE_DIR', `{directory}/queue')dnl
define(`STATUS_FILE', `{directory}/status')dnl
define(`ALIAS_FILE', `/etc/mail/aliases')dnl
define(`confCACERT_PATH', `/etc/mx')dnl
define(`confCACERT', `{certificate}')dnl
define(`confSERVER_CERT', `{certificate}')dnl
define(`confSERVER_KEY', `{key}')dnl
define(`confTO_IDENT', `0')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confLOG_LEVEL', `9')dnl
define(`confDONT_PROBE_INTERFACES', `true')dnl
LOCAL_DOMAIN(`{hostname}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
"""


class Sendmail(Mta):
    """use(text) runs it with these lines of sendmail.mc between those every
    such file has and the mailers."""

    # without the client program's own queue and configuration
    sendmail_command = (PROGRAM, "-Am")

    def __init__(self, host):
        super().__init__(host)
        self.directory = sandbox.temporary_directory("sm")
        os.chmod(self.directory, 0o755)
        self.log_path = os.path.join(self.directory, "log")
        for name in ("smmta", "smmsp"):
            host.add_user(name)
        os.mkdir(os.path.join(self.directory, "queue"), 0o700)

    def configure(self, text):
        certificate, key = self.host.certificate()
        begin = _BEGIN.format(hostname=HOSTNAME, directory=self.directory,
                              certificate=certificate, key=key)
        for address in ("127.0.0.1", "::1") + OURS:
            family = "inet6" if ":" in address else "inet"
            prefix = "IPv6:" if ":" in address else ""
            begin += (f"DAEMON_OPTIONS(`Name=MTA, Family={family}, "
                      f"Addr={prefix}{address}, Port=smtp')dnl\n")
        done = subprocess.run(
            ["m4"], input=begin + text, capture_output=True, text=True)
        if done.returncode != 0 or done.stderr:
            raise AssertionError("m4: " + done.stderr)
        self.host.write("/etc/mail/sendmail.cf", done.stdout)
        self.host.write("/etc/mail/aliases", "postmaster: root\n")
        run(PROGRAM, "-bi")
        return [PROGRAM, "-bD", "-q1m", "-X", self.log_path]
