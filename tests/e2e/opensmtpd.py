"""A real OpenSMTPD on a Host (host.py) of the package opensmtpd."""
import os

import sandbox
from host import OURS
from mta import HOSTNAME, Mta


class OpenSmtpd(Mta):
    """use(text) runs it with these lines at the end of smtpd.conf. It says
    what it does to its standard error only."""

    def __init__(self, host):
        super().__init__(host)
        self.directory = sandbox.temporary_directory("osmtpd")
        self.log_path = os.path.join(self.directory, "log")
        host.add_user("opensmtpd")
        queue = host.add_user("opensmtpq")
        os.chown("/usr/sbin/smtpctl", 0, queue)
        os.chmod("/usr/sbin/smtpctl", 0o2755)
        for path, mode in (("/var/lib/opensmtpd/empty", 0o755),
                           ("/var/spool/smtpd", 0o711)):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, mode)

    def configure(self, text):
        # Without TLS: Debian 12's ends every handshake with an internal error.
        listen = "".join(f"listen on {address}\n"
                         for address in ("127.0.0.1", "::1") + OURS)
        self.host.write("/etc/smtpd.conf", listen + text)
        self.host.write("/etc/mailname", HOSTNAME + "\n")
        return ["sh", "-c", 'exec smtpd -d >"$0" 2>&1', self.log_path]
