"""The shipped statistics: what Prometheus reads, and what the dashboard asks
for."""
import json
import os
import re
import urllib.request

import message
from case import needs_authres
from dovecot import IS_24, free_port, wait_for

METRICS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "..", "..", "doc", "metrics")


def shipped_config(t, port):
    """A line that includes the file for this Dovecot."""
    name = "authres-2.4.conf" if IS_24 else "authres-2.3.conf"
    path = os.path.join(t.directory("metrics"), name)
    with open(os.path.join(METRICS, name)) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("9900", str(port)))
    return f"!include {path}\n"


def deliver_some(t, dovecot):
    """Two that pass, one that fails, one whose DNS is dead."""
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:192.0.2.31 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"\n'
                   f'dead.{domain}. SERVFAIL\n_dmarc.dead.{domain}. SERVFAIL\n')
    user = dovecot.user()
    for client, name in (("192.0.2.31", domain), ("192.0.2.31", domain),
                         ("203.0.113.9", domain),
                         ("203.0.113.9", "dead." + domain)):
        data = message.message(f"a@{name}", extra=[
            message.received(client, "client.example")])
        assert dovecot.deliver(data, user, f"a@{name}").code == 250


def read_metrics(port):
    """{name with labels: value}"""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics",
                                timeout=10) as answer:
        text = answer.read().decode()
    assert text.endswith("# EOF\n"), text[-100:]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines() if not line.startswith("#")}


def labels(found, name):
    """{labels without quotes: value} of one metric"""
    return {key.partition("{")[2].rstrip("}").replace('"', ""): value
            for key, value in found.items() if key.partition("{")[0] == name}


@needs_authres
def test_openmetrics(t):
    port = free_port()
    dovecot = t.dovecot(config=shipped_config(t, port))
    deliver_some(t, dovecot)

    def complete():
        found = read_metrics(port)
        return found.get("dovecot_authres_messages_count") == 4 and found
    found = wait_for(complete, "four messages are counted")
    messages = labels(found, "dovecot_authres_messages_total")
    assert messages["dmarc=pass,disposition=keep"] == 2, messages
    assert messages["dmarc=fail,disposition=junk"] == 1, messages
    assert messages["dmarc=temperror,disposition=junk"] == 1, messages
    checks = labels(found, "dovecot_authres_checks_total")
    assert checks["method=spf,result=fail"] == 1, checks
    assert checks["method=arc,result=none"] == 4, checks
    buckets = labels(found, "dovecot_authres_latency_bucket")
    assert buckets["le=+Inf"] == 4 and len(buckets) > 4, buckets
    asked = labels(found, "dovecot_authres_dns_questions_bucket")
    cached = labels(found, "dovecot_authres_dns_cached_bucket")
    # some of the names had not been asked before
    assert asked["le=0"] == 0 and cached["le=10"] >= 1, (asked, cached)
    work = {row["field"]: row for row in json.loads(dovecot.doveadm(
        "-f", "json", "stats", "dump", check=True).stdout)
        if row["metric_name"] == "authres_work"}
    assert 8 <= int(work["dns_questions"]["sum"]), work
    assert int(work["dns_cached"]["sum"]) < \
        int(work["dns_questions"]["sum"]), work
    assert found["dovecot_authres_errors_total"] == 0

    # the dashboard asks for nothing else than this
    with open(os.path.join(METRICS, "grafana.json")) as f:
        dashboard = json.load(f)
    wanted = {name for panel in dashboard["panels"]
              for target in panel["targets"]
              for name in re.findall(r"dovecot_authres_\w+", target["expr"])}
    known = {key.partition("{")[0] for key in found}
    # appears with the first one
    known.add("dovecot_authres_overrides_total")
    known.add("dovecot_authres_reports_total")
    assert len(wanted) >= 8 and wanted <= known, wanted - known
    by = {label for panel in dashboard["panels"]
          for target in panel["targets"]
          for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])}
    assert by == {"disposition", "dmarc", "method", "result",
                  "override_reason", "action"}, by
