"""The service alone: how it is registered, what it gives up, its protocol, and
what happens when it crashes, hangs or is asked too much."""
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import config_24
import message
import patience
import verifier
from case import time_limit
from dovecot import IS_24, wait_for

PASS_ZONE = """
{domain}. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.{domain}. TXT "v=DMARC1; p=reject"
"""


def service(t, **options):
    if not verifier.installed():
        t.skip("this build installs no verifier")
    return t.own_dovecot(**options) if options.pop("own", False) \
        else t.dovecot(**options)


def own_service(t, **options):
    return service(t, own=True, **options)


def dmarc(verdict):
    results, pairs = verdict
    assert results is not None, pairs
    return pairs["dmarc"]


def verify(t, dovecot):
    """One message with an SPF pass; its domain is new. Tries again once when
    the connection ends, as our client does."""
    domain = t.domain()
    t.dns.add_zone(PASS_ZONE.format(domain=domain))
    for _ in range(2):
        try:
            connection = verifier.Connection(dovecot)
            verdict = connection.verify(
                message.message(f"a@{domain}"), mail_from=f"a@{domain}",
                argument_ip="192.0.2.1", argument_helo="mx." + domain)
            connection.close()
            if verdict != (None, ""):
                break
        except (BrokenPipeError, ConnectionResetError):
            pass
    return verdict


def status_field(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return re.search(rf"^{name}:\s*(.*)$", f.read(), re.M).group(1)


def rss_kb(pid):
    return int(status_field(pid, "VmRSS").split()[0])


def wait_ready(dovecot):
    """Two processes that serve: one that dies before is throttled by the
    master like any service that cannot start."""
    def ready():
        pids = dovecot.processes("authres")
        return len(pids) >= 2 and all(
            status_field(pid, "NoNewPrivs") == "1" for pid in pids) and pids
    return wait_for(ready, "two processes")


def test_registered_without_configuration(t):
    dovecot = service(t)
    text = dovecot.doveconf("service/authres").stdout
    for line in ("chroot = empty", "process_min_avail = 2", "mode = 0666",
                 "user = authres"):
        assert line in text, text
    assert dmarc(verify(t, dovecot)) == "pass"


def test_administrator_changes_the_service(t):
    dovecot = own_service(t, config="service authres {\n  client_limit = 7\n"
                          "  unix_listener authres {\n    mode = 0600\n  }\n"
                          "}\n")
    assert os.stat(verifier.path(dovecot)).st_mode & 0o777 == 0o600
    connection = verifier.Connection(dovecot)
    assert connection.status()["client_limit"] == "7"


def test_two_processes_without_privilege(t):
    dovecot = service(t)
    pids = wait_ready(dovecot)

    uid = pwd.getpwnam("authres").pw_uid
    for pid in pids:
        assert os.readlink(f"/proc/{pid}/root") == \
            os.path.join(dovecot.base_dir, "empty")
        assert set(status_field(pid, "Uid").split()) == {str(uid)}
        assert int(status_field(pid, "CapEff"), 16) == 0
        assert int(status_field(pid, "CapBnd"), 16) == 0
        assert status_field(pid, "NoNewPrivs") == "1"
        assert status_field(pid, "Seccomp") == "2"
        with open(f"/proc/{pid}/limits") as f:
            limits = f.read()
        assert re.search(r"Max processes +0 +0 ", limits), limits
        assert re.search(r"Max file size +0 +0 ", limits), limits
        assert re.search(r"Max core file size +0 +0 ", limits), limits
        files = re.search(r"Max open files +(\d+) +(\d+) ", limits)
        assert int(files[1]) <= int(files[2]) <= 1024, limits
        # not to be looked into by its user: the kernel gives root its files
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0


def test_wrong_settings_are_logged_and_defaults_used(t):
    if IS_24:
        t.skip("Dovecot 2.4 refuses them: test_configuration_24")
    dovecot = own_service(t, settings={
        "authres_checks": "spf dkmi", "authres_trusted_host": "a",
        "authres_trusted_hosts": "10.0.0.0/99", "authres_timeout": "fast"})
    for text in (r'authres_checks: "dkmi" is not allowed here; allowed: spf, '
                 r'dkim, arc, dmarc, senderid - using "spf dkim arc dmarc"',
                 r'authres_timeout: "fast" is not allowed here; allowed: '
                 r'100ms to 120000ms - using "10s"',
                 r"authres_trusted_host: unknown setting, ignored",
                 r'authres_trusted_hosts: .*10\.0\.0\.0/99.* - using '
                 r'"127\.0\.0\.0/8 ::1 mx\.example"'):
        dovecot.wait_log(text, "error")
    assert dmarc(verify(t, dovecot)) == "pass"


def test_wrong_dns_server_is_logged(t):
    if IS_24:
        t.skip("Dovecot 2.4 refuses it: test_configuration_24")
    dovecot = own_service(t, settings={"authres_dns_servers": "dns.example"})
    dovecot.wait_log(r'authres_dns_servers: "dns.example" is not allowed here',
                     "error")
    assert verifier.Connection(dovecot).status()["active"] == "0"


def test_public_suffix_list_of_rfc7489_mode(t):
    dovecot = own_service(t, settings={"authres_dmarc_mode": "rfc7489"})
    domain = t.domain("co.uk")
    t.dns.add_zone(f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    results, pairs = verifier.Connection(dovecot).verify(
        message.message(f"a@mail.{domain}"))
    assert pairs["organizational_domain"] == domain, pairs
    assert pairs["dmarc"] == "fail"
    assert not dovecot.log_lines("error"), dovecot.log_lines("error")


def test_many_requests_on_one_connection(t):
    dovecot = service(t)
    connection = verifier.Connection(dovecot)
    before = int(connection.status()["requests"])
    for i in range(20):
        results, _ = connection.verify(message.message())
        assert results is not None
    status = connection.status()
    assert int(status["requests"]) >= before + 20
    assert status["active"] == "0" and status["memory_bytes"] == "0"


def test_chunks_of_any_size_give_the_same(t):
    dovecot = service(t)
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.dkim_sign(message.message(
        f"a@{domain}", body="line\r\n" * 1000), domain)
    connection = verifier.Connection(dovecot)
    for chunk in (1, 2, 3, 7, 1000, 65536):
        connection.request()
        connection.message(data, chunk)
        verdict = connection.reply()
        assert dmarc(verdict) == "pass", (chunk, verdict)


def test_hostile_clients_are_refused_at_once(t):
    dovecot = service(t)
    good = (b"VERIFY\tprotocol=lda\tmail_from=a@example.org"
            b"\treceived_time=1\ttimeout_msecs=1000\n")
    for data, reason in (
            (b"X\n", "unknown command"),
            (b"\n", "unknown command"),
            (b"STATUS\tx\n", "unknown command"),
            (b"VERIFY\n", "protocol"),
            (b"VERIFY\tprotocol=smtp\n", "bad value"),
            (b"VERIFY\t=\t=\n", "protocol"),
            (b"VERIFY\tprotocol=lda\ttimeout_msecs=-1\n", "bad value"),
            (b"VERIFY\tpro\0tocol=lda\n", "NUL"),
            (b"VERIFY\t" + b"a" * 20000, "too long"),
            (b"a" * 20000, "too long"),
            (good + b"65537\n", "bad chunk size"),
            (good + b"-1\n", "bad chunk size"),
            (good + b"\n", "bad chunk size"),
            (good + b"007\n", "bad chunk size"),
            (good + b"00\n", "bad chunk size"),
            (good + b"1 \n", "bad chunk size"),
            (good + b"18446744073709551617\n", "bad chunk size"),
            (good + b"9" * 5000, "bad chunk size"),
            (good + b"1\nx" + b"1 \n", "bad chunk size")):
        connection = verifier.Connection(dovecot)
        start = time.monotonic()
        connection.send(data)
        results, text = connection.reply()
        assert results is None and reason in text, (data[:40], text)
        assert connection.line() == ""
        assert time.monotonic() - start < patience.secs(5)
        connection.close()
    for data in (b"VERSION\tauthres-verifier\t2\t0\n", b"\n", b"EHLO x\r\n",
                 b"VERSION\tauth\t1\t0\n", b"\0" * 100):
        connection = verifier.Connection(dovecot, greet=False)
        assert connection.line() == "VERSION\tauthres-verifier\t1\t0"
        start = time.monotonic()
        connection.send(data)
        assert connection.reply()[0] is None
        assert time.monotonic() - start < patience.secs(5), data
        connection.close()
    assert dmarc(verify(t, dovecot)) == "pass"
    assert not dovecot.log_lines("error"), dovecot.log_lines("error")


def test_who_says_nothing_is_disconnected(t):
    dovecot = service(t)
    silent = verifier.Connection(dovecot, timeout=15)
    stopped = verifier.Connection(dovecot, timeout=15)
    stopped.request(timeout_msecs=1000)
    stopped.send(b"100\nFrom: ")
    start = time.monotonic()
    # the answer comes before the client stops waiting
    assert stopped.reply() == (None, "the header did not arrive in time")
    assert 0.7 < time.monotonic() - start < patience.secs(1.0)
    assert stopped.line() == "" and silent.line() == ""
    assert time.monotonic() - start < patience.secs(14)


def test_deadline_when_dns_is_silent(t):
    dovecot = service(t)
    domain = t.domain()
    t.dns.add_zone(f"{domain}. TIMEOUT\n_dmarc.{domain}. TIMEOUT\n")
    connection = verifier.Connection(dovecot)
    start = time.monotonic()
    verdict = connection.verify(
        message.message(f"a@{domain}"), mail_from=f"a@{domain}",
        argument_ip="192.0.2.1", timeout_msecs=2000)
    assert dmarc(verdict) == "temperror"
    assert time.monotonic() - start < patience.secs(2.0)


def test_client_that_leaves_cancels_its_request(t):
    dovecot = own_service(t, config=verifier.ONE_PROCESS)
    domain = t.domain()
    t.dns.add_zone(f"_dmarc.{domain}. TIMEOUT\n{domain}. TIMEOUT\n")
    watch = verifier.Connection(dovecot)
    left = verifier.Connection(dovecot)
    left.request(mail_from=f"a@{domain}", argument_ip="192.0.2.1")
    left.message(message.message(f"a@{domain}"))
    wait_for(lambda: watch.status()["active"] == "1", "the request")
    left.close()
    wait_for(lambda: watch.status()["active"] == "0", "its end", 2)


def test_killed_process_is_replaced(t):
    dovecot = own_service(t)
    for _ in range(3):
        wait_ready(dovecot)
        assert dovecot.signal("authres", signal.SIGKILL) == 2
        assert dmarc(verify(t, dovecot)) == "pass"


def test_request_of_a_killed_process_ends_at_once(t):
    dovecot = own_service(t)
    pids = wait_ready(dovecot)
    domain = t.domain()
    t.dns.add_zone(f"{domain}. TIMEOUT\n")
    connection = verifier.Connection(dovecot)
    connection.request(mail_from=f"a@{domain}", argument_ip="192.0.2.1")
    connection.message(message.message(f"a@{domain}"))
    start = time.monotonic()
    dovecot.signal("authres", signal.SIGKILL)
    assert connection.reply() == (None, "")
    assert time.monotonic() - start < patience.secs(0.5)
    assert dmarc(verify(t, dovecot)) == "pass"
    assert not set(pids) & set(dovecot.processes("authres"))


def test_looping_process_is_replaced(t):
    if shutil.which("gdb") is None:
        t.skip("needs gdb")
    dovecot = own_service(t)
    wait_ready(dovecot)
    connection = verifier.Connection(dovecot)
    pid = connection.pid
    connection.request()
    connection.send(b"1\nF")
    # two bytes of machine code: jump to itself
    subprocess.run(["gdb", "-batch", "-p", str(pid), "-ex",
                    "set *(unsigned short *)$pc = 0xfeeb"],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)
    start = time.monotonic()
    connection.send(b"1\nr")
    # the others are served by the other one meanwhile
    others = [verifier.Connection(dovecot) for _ in range(3)]
    for other in others:
        assert other.pid != pid
        assert other.verify(message.message())[0] is not None
    assert time.monotonic() - start < patience.secs(2)
    assert connection.reply() == (None, "")
    assert 2 < time.monotonic() - start < patience.secs(15)
    dovecot.wait_log(f"child {pid} killed with signal 27", "error")
    wait_ready(dovecot)


def test_stopped_process_costs_its_own_clients_only(t):
    dovecot = own_service(t)
    stopped = wait_ready(dovecot)[0]
    os.kill(stopped, signal.SIGSTOP)
    good = 0
    try:
        for _ in range(20):
            try:
                connection = verifier.Connection(dovecot, timeout=1)
            except socket.timeout:
                continue
            assert connection.pid != stopped
            good += connection.verify(message.message())[0] is not None
            connection.close()
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert good >= 18, good
    assert dmarc(verify(t, dovecot)) == "pass"


def test_two_hundred_at_once(t):
    dovecot = own_service(t)
    domain = t.domain()
    t.dns.add_zone(PASS_ZONE.format(domain=domain))
    t.dns.set_delay(50)
    answers, lock = [], threading.Lock()

    def one():
        try:
            connection = verifier.Connection(dovecot, timeout=30)
            answer = dmarc(connection.verify(
                message.message(f"a@{domain}"), mail_from=f"a@{domain}",
                argument_ip="192.0.2.1"))
            connection.close()
        except Exception as e:
            answer = repr(e)
        with lock:
            answers.append(answer)

    start = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.dns.set_delay(0)
    assert answers.count("pass") == 200, sorted(set(answers))
    assert time.monotonic() - start < patience.secs(20)


@time_limit(120)
def test_memory_does_not_grow_with_the_message(t):
    dovecot = own_service(t, config=verifier.ONE_PROCESS)
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    small = message.dkim_sign(message.message(f"a@{domain}"), domain)
    large = message.dkim_sign(message.message(
        f"a@{domain}", body="x" * 74 + "\r\n"), domain)
    body = (b"y" * 74 + b"\r\n") * (50 * 1024 * 1024 // 76)
    connection = verifier.Connection(dovecot)
    for _ in range(20):
        assert dmarc(connection.verify(small)) == "pass"
    pid = connection.pid
    before = rss_kb(pid)
    peak = []
    connection.request(timeout_msecs=60000)
    data = large + body
    for i in range(0, len(data), 65536):
        piece = data[i:i + 65536]
        connection.send(b"%d\n%s" % (len(piece), piece))
        if i % (65536 * 64) == 0:
            peak.append(rss_kb(pid))
    connection.send(b"0\n")
    results, pairs = connection.reply()
    peak.append(rss_kb(pid))
    assert any(r[:2] == ["dkim", "fail"] for r in results), results
    assert max(peak) - before <= 1024, (before, peak)


@time_limit(120)
def test_message_above_the_limit_is_cut(t):
    """One that is all header, too."""
    dovecot = service(t)
    connection = verifier.Connection(dovecot)
    connection.request(timeout_msecs=60000)
    chunk = b"65536\n" + (b"X: " + b"x" * 252 + b"\n") * 256
    try:
        for _ in range(150 * 16 + 1):
            connection.send(chunk)
    except (BrokenPipeError, ConnectionResetError):
        pass
    results, pairs = connection.reply()
    assert "message cut: larger than 157286400 bytes" in str(results)
    assert pairs["bad_author"] == "yes", pairs


def test_memory_budget_makes_requests_wait(t):
    """More than the budget allows at once: all are answered, some wait."""
    dovecot = own_service(t, config="service authres {\n"
                          "  process_limit = 1\n  process_min_avail = 1\n"
                          "  client_limit = 200\n}\n")
    domain = t.domain()
    t.dns.add_zone(PASS_ZONE.format(domain=domain))
    connections = [verifier.Connection(dovecot) for _ in range(130)]
    # each counts for half a MiB of the 48
    for connection in connections:
        connection.request(mail_from=f"a@{domain}", argument_ip="192.0.2.1")
    watch = verifier.Connection(dovecot)
    status = wait_for(lambda: watch.status()["waiting"] != "0" and
                      watch.status(), "somebody waits")
    assert int(status["memory_bytes"]) <= int(status["max_memory_bytes"])
    assert int(status["known_answers"]) <= int(status["max_known_answers"])
    assert int(status["active"]) + int(status["waiting"]) == 130, status
    data = message.message(f"a@{domain}")
    for connection in connections:
        connection.message(data)
    for connection in connections:
        assert dmarc(connection.reply()) == "pass"
    status = watch.status()
    assert status["waiting"] == "0" and status["memory_bytes"] == "0", status


def test_less_time_under_pressure(t):
    dovecot = own_service(t, config=verifier.ONE_PROCESS +
                          "service authres {\n  client_limit = 8\n}\n")
    connections = [verifier.Connection(dovecot) for _ in range(7)]
    watch = verifier.Connection(dovecot)
    for connection in connections[:6]:
        connection.request(timeout_msecs=10000)
    wait_for(lambda: watch.status()["active"] == "6", "six requests")
    start = time.monotonic()
    connections[6].request(timeout_msecs=10000)
    assert connections[6].reply() == (None,
                                      "the header did not arrive in time")
    assert 2.5 < time.monotonic() - start < patience.secs(3)
    # those before have the time they asked for
    for connection in connections[:6]:
        connection.message(message.message())
        assert dmarc(connection.reply()) != "temperror"


def test_reload_with_a_request_in_flight(t):
    dovecot = own_service(t)
    domain = t.domain()
    t.dns.add_zone(PASS_ZONE.format(domain=domain))
    connection = verifier.Connection(dovecot)
    connection.request(mail_from=f"a@{domain}", argument_ip="192.0.2.1")
    connection.send(b"1\nF")
    dovecot.doveadm("reload", check=True)

    def answers():
        """The master closes its sockets and opens them again."""
        try:
            return verify(t, dovecot)
        except (ConnectionRefusedError, FileNotFoundError):
            return None
    assert dmarc(wait_for(answers, "the service after the reload")) == "pass"
    connection.message(message.message(f"a@{domain}")[1:])
    assert dmarc(connection.reply()) == "pass"


def test_dovecot_without_root(t):
    """No chroot, no other user, but mail is verified."""
    if not verifier.installed():
        t.skip("this build installs no verifier")
    directory = t.directory("r")
    user = pwd.getpwnam("games")
    group = grp.getgrgid(user.pw_gid).gr_name
    base_dir = os.path.join(directory, "run")
    os.mkdir(base_dir)
    for path in (directory, base_dir):
        os.chown(path, user.pw_uid, user.pw_gid)
    config = os.path.join(directory, "dovecot.conf")
    log = os.path.join(directory, "log")
    text = f"""
base_dir = {base_dir}
state_dir = {base_dir}
log_path = {log}
protocols = lmtp
ssl = no
hostname = mx.example
default_internal_user = {user.pw_name}
default_internal_group = {group}
default_login_user = {user.pw_name}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  user = {user.pw_name}
}}
plugin {{
  authres_dns_servers = {t.dns.where}
}}
"""
    with open(config, "w") as f:
        f.write(config_24.translate(text) if IS_24 else text)
    master = subprocess.Popen(
        ["dovecot", "-F", "-c", config], user=user.pw_uid, group=user.pw_gid,
        extra_groups=[], stdin=subprocess.DEVNULL, cwd="/")

    class Instance:
        pass
    Instance.base_dir = base_dir
    try:
        wait_for(lambda: master.poll() is not None or
                 os.path.exists(verifier.path(Instance)), "the socket")
        with open(log) as f:
            assert master.poll() is None, f.read()
        assert dmarc(verify(t, Instance)) == "pass"

        def logged():
            with open(log) as f:
                text = f.read()
            return "works without chroot" in text and text
        # Dovecot's log process writes it when it gets to it
        text = wait_for(logged, "the warning")
        assert "Fatal" not in text and "Error" not in text, text
    finally:
        master.terminate()
        master.wait(10)
