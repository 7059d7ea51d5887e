"""A real Exim on a Host (host.py) of the package exim4-daemon-light."""
import os

import sandbox
from mta import HOSTNAME, Mta

_CONFIG = """
primary_hostname = {hostname}
domainlist local_domains = {hostname} : example.fr
hostlist relay_from_hosts = 127.0.0.1 : ::1
daemon_smtp_ports = 25 : 587
spool_directory = {directory}/spool
log_file_path = {directory}/log/%slog
pid_file_path = {directory}/exim.pid
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
host_lookup = *
rfc1413_query_timeout = 0s
keep_environment =
acl_smtp_rcpt = acl_rcpt
{main}

begin acl
acl_rcpt:
  accept hosts = :
  accept authenticated = *
  accept domains = +local_domains
  deny

begin routers
{routers}
begin transports
{transports}
begin retry
*  *  F,2h,15m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{secret}}}}
  server_set_id = $auth2
"""


class Exim(Mta):
    """use(routers, transports) runs it with these."""

    def __init__(self, host):
        super().__init__(host)
        self.directory = sandbox.temporary_directory("exim")
        self.log_path = os.path.join(self.directory, "log", "mainlog")
        os.chmod(self.directory, 0o755)
        self.uid = host.add_user("Debian-exim")
        for name in ("spool", "log"):
            path = os.path.join(self.directory, name)
            os.mkdir(path)
            os.chown(path, self.uid, self.uid)

    def configure(self, routers, transports, main=""):
        certificate, key = self.host.certificate()
        os.chown(key, self.uid, -1)
        self.host.write("/etc/exim4/exim4.conf", _CONFIG.format(
            hostname=HOSTNAME, directory=self.directory, routers=routers,
            transports=transports, main=main,
            certificate=certificate, key=key))
        return ["/usr/sbin/exim4", "-bdf", "-q1m"]
