"""doveadm authres stats --html, looked at in a browser: on a desktop, on a
phone, in the dark, and without a script."""
import hashlib
import os
import stat
import time

import history
import roundcube
from case import needs_authres

DAYS = 21
LIST = "lists.example.net"
POLICY = "method=treewalk;p={};adkim=r;aspf=r;t=n;pct=100"
LONG = "a-name-that-is-as-long-as-a-label-of-dns-may-be-which-is-63-bytes"[:63]
# quotes are all the markup that a comment can have
QUOTES = "x' onclick='alert(1)' y=\" onload=alert(2)"


def line(day, domain, dmarc, disposition, ip, reason="", comment="",
         dkim_domain="", policy="quarantine"):
    text = POLICY.format(policy)
    fields = ["1", "delivered", hashlib.sha256(text.encode()).hexdigest()[:16],
              dmarc, disposition, "y" if dmarc == "pass" else "n", "n", reason,
              comment, ip, domain, domain, "n",
              "n" if disposition == "quarantine" else "y", domain, "fail", ""]
    if dkim_domain:
        fields += [dkim_domain, "s1", "pass", ""]
    return "\t".join(["MESSAGE", str(day), domain, "0",
                      text + ";psd=u;rua=mailto:d@" + domain] + fields)


def taken_back(day, domain, through):
    reason = "mailing_list" if through else ""
    return "\t".join(["MESSAGE", str(day), domain, "0", "", "1", "taken-back",
                      "", "fail", "quarantine", "n", "n", reason, through, "",
                      domain, "", "n", "n", "", "none", ""])


def no_policy(day, dmarc="none", disposition="none"):
    return "\t".join(["MESSAGE", str(day), "-", "0", "", "1", "delivered", "",
                      dmarc, disposition, "n", "n", "", "", "", "", "", "n",
                      "n" if disposition == "quarantine" else "y", "", "none",
                      ""])


def sample(today):
    """Three weeks of a small site."""
    lines = []
    for i in range(DAYS):
        day = today - i
        busy = 1 if day % 7 in (2, 3) else 3
        lines += [line(day, "shop.example", "pass", "pass", "192.0.2.7")] * (
            12 * busy + i % 5)
        lines += [line(day, "bank.example", "pass", "pass",
                       "2001:db8:25::7")] * (7 * busy)
        lines += [no_policy(day)] * (4 * busy)
        lines += [line(day, "people.example", "fail", "quarantine",
                       "198.51.100.4", dkim_domain=LIST)] * (i % 3 + 1)
        lines += [line(day, "bank.example", "fail", "quarantine",
                       f"203.0.113.{i + 1}", "local_policy",
                       "reject is filed in Junk",
                       policy="reject")] * (busy * (i % 4))
        lines += [line(day, "news.example", "fail", "none", "192.0.2.40",
                       "mailing_list", LIST)] * 2
    lines += [taken_back(today - i, "people.example", LIST) for i in range(9)]
    lines += [taken_back(today - 2, "bank.example", "")]
    lines += [line(today, LONG + "." + LONG + ".example", "fail",
                   "quarantine", "2001:db8:1111:2222:3333:4444:5555:6666")]
    lines += [line(today, "quotes.example", "fail", "none", "192.0.2.66",
                   "mailing_list", QUOTES)]
    lines += [no_policy(today, "permerror", "quarantine")] * 3
    lines += [line(today - 1, "shop.example", "fail", "reject",
                   "203.0.113.99", policy="reject")] * 4
    return lines


def page(t):
    """The path of a page about the sample."""
    store = history.Sqlite(t)
    settings = dict(store.settings, authres_authserv_id="mx.example.org")
    dovecot = t.own_dovecot(settings=settings, config=store.config)
    recorder = history.Recorder(dovecot)
    recorder.tell(sample(int(time.time()) // 86400))
    recorder.close()
    history.flush(dovecot)
    path = os.path.join(t.directory("page"), "stats.html")
    done = dovecot.doveadm("authres", "stats", "--since", f"{DAYS}d", "--html",
                           path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return dovecot, path


@needs_authres
def test_file(t):
    dovecot, path = page(t)
    with open(path, encoding="ascii") as f:
        text = f.read()
    assert text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n")
    assert ("people.example: 42 in Junk, 9 taken back, all by "
            f"{LIST}: consider authres_trusted_lists.") in text
    assert "Mail of mx.example.org" in text
    # what was there is kept until all is written, and no link is followed
    os.chmod(path, 0o640)
    link = path + ".link"
    os.symlink(path, link)
    for wrong, word in ((link, "no regular file"),
                        (os.path.dirname(path), "no regular file"),
                        (path + "/x", "Not a directory"),
                        ("/nowhere/x.html", "No such file")):
        done = dovecot.doveadm("authres", "stats", "--html", wrong)
        assert done.returncode == 73 and word in done.stderr, done
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert sorted(os.listdir(os.path.dirname(path))) == [
        "stats.html", "stats.html.link"]
    done = dovecot.doveadm("authres", "stats", "--html", path, "--by", "day")
    assert done.returncode == 64 and "--html has all" in done.stderr, done
    done = dovecot.doveadm("authres", "stats", "--html", path, "--domain",
                           "bank.example", "--since", "1d")
    assert done.returncode == 0, done
    with open(path, encoding="ascii") as f:
        assert "only from bank.example" in f.read()


WIDER = "return document.documentElement.scrollWidth - window.innerWidth"
# text that runs into that of a neighbour, and what must not be broken
OVERLAPS = """
var found = [];
function check(list) {
  var boxes = Array.from(list).map(function (e) {
    var range = document.createRange();
    range.selectNodeContents(e);
    return [e, range.getBoundingClientRect()];
  }).filter(function (b) { return b[1].width > 0; });
  boxes.forEach(function (a, i) {
    boxes.slice(i + 1).forEach(function (b) {
      if (a[1].left < b[1].right - 1 && b[1].left < a[1].right - 1 &&
          a[1].top < b[1].bottom - 1 && b[1].top < a[1].bottom - 1)
        found.push(a[0].textContent + " | " + b[0].textContent);
    });
  });
}
document.querySelectorAll(".axis, .legend, .bars li, .tiles div, tr")
  .forEach(function (e) { check(e.querySelectorAll("span, dt, dd, td, th")); });
// numbers and days that are broken into lines
document.querySelectorAll("td:not(:first-child), .by-day td, .n, .axis span")
  .forEach(function (e) {
    var range = document.createRange();
    range.selectNodeContents(e);
    if (range.getClientRects().length > 1)
      found.push("broken: " + e.textContent);
  });
return found;
"""
# the least contrast of text to what is behind it
CONTRAST = """
function light(color) {
  var c = color.match(/[\\d.]+/g).slice(0, 3).map(function (v) {
    v /= 255;
    return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}
function behind(e) {
  for (; e; e = e.parentElement) {
    var color = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(color)) return light(color);
  }
  return 1;
}
function contrast(a, b) {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
return [Math.min.apply(null, Array.from(document.querySelectorAll(
  "h1, h2, p, li, td, th, dt, dd, summary, span")).map(function (e) {
    return contrast(light(getComputedStyle(e).color), behind(e));
  })), Math.min.apply(null, Array.from(document.querySelectorAll(
  "rect:not(.track)")).map(function (e) {
    return contrast(light(getComputedStyle(e).fill), behind(e.parentElement));
  }))];
"""


def look(browser, name, width, height, dark=False):
    driver = browser.driver
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1,
        "mobile": width < 500})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme",
         "value": "dark" if dark else "light"}]})
    browser.picture(name)
    assert driver.execute_script(WIDER) <= 0, (name, "wider than the screen")
    overlaps = driver.execute_script(OVERLAPS)
    assert overlaps == [], (name, overlaps)
    text, charts = driver.execute_script(CONTRAST)
    assert text >= 4.5 and charts >= 3, (name, text, charts)


def first_cells(browser):
    return browser.driver.execute_script(
        "return Array.from(document.querySelectorAll('table')[0]"
        ".tBodies[0].rows).map(r => r.cells[0].textContent)")


@needs_authres
def test_in_a_browser(t):
    missing = roundcube.missing(())
    if missing:
        t.skip(missing)
    _, path = page(t)
    browser = roundcube.Browser()
    t.own(browser)
    driver = browser.driver
    driver.get("file://" + path)
    driver.execute_script("document.querySelectorAll('details')"
                          ".forEach(d => { d.open = true; })")
    look(browser, "desktop", 1000, 760)
    look(browser, "desktop-dark", 1280, 1000, True)
    look(browser, "phone", 360, 1700)
    look(browser, "phone-dark", 360, 640, True)
    driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    look(browser, "phone-end", 360, 1000)
    look(browser, "desktop-end", 1280, 1000)

    by_count = first_cells(browser)
    driver.execute_script("document.querySelector('th button').click()")
    assert first_cells(browser) == sorted(by_count) != by_count
    driver.execute_script("document.querySelector('th button').click()")
    assert first_cells(browser) == sorted(by_count, reverse=True)
    driver.execute_script(
        "document.querySelectorAll('th button')[8].click()")
    assert first_cells(browser)[:2] == ["people.example", "bank.example"]

    # nobody's markup, nothing from elsewhere, nothing that its policy forbids
    assert driver.get_log("browser") == []
    assert driver.execute_script(
        "return performance.getEntriesByType('resource').length") == 0
    assert driver.execute_script(
        "return document.querySelectorAll('[onclick], [onload], script, img, "
        "iframe').length") == 1
    assert "mailing_list: " + QUOTES in driver.execute_script(
        "return Array.from(document.querySelectorAll('td'))"
        ".map(e => e.textContent)")
    driver.execute_script("var s = document.createElement('script');"
                          "s.textContent = 'document.title = 1';"
                          "document.body.appendChild(s)")
    assert driver.title.startswith("Mail of"), driver.title

    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                           {"value": True})
    driver.refresh()
    assert browser.shows("svg.days") and browser.shows("tbody tr")
    assert browser.shows("th button") == []
