"""Roundcube as Debian packages it, on PHP's own server and SQLite, and a
browser to use it as a person does."""
import os
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request

import sandbox
from dovecot import PASSWORD, free_port, wait_for

INSTALLED = "/var/lib/roundcube"
SCHEMA = "/usr/share/roundcube/SQL/sqlite.initial.sql"
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"

CONFIG = """<?php
$config['db_dsnw'] = 'sqlite:///{directory}/db?mode=0600';
$config['imap_host'] = ['127.0.0.1:{imap_port}'];
$config['smtp_host'] = '127.0.0.1:9';
$config['des_key'] = 'abcdefghijklmnopqrstuvwx';
$config['plugins'] = ['markasjunk'];
$config['markasjunk_move_ham'] = true;
$config['markasjunk_ham_mbox'] = 'INBOX';
$config['skin'] = 'elastic';
$config['language'] = 'en_US';
$config['log_dir'] = '{directory}/logs/';
$config['temp_dir'] = '{directory}/temp/';
$config['enable_spellcheck'] = false;
$config['show_images'] = 0;
$config['log_driver'] = 'file';
"""


def missing(files=(INSTALLED, SCHEMA, "/usr/bin/php")):
    """What this machine lacks, or None: a browser, and these files."""
    for path in (CHROMIUM, DRIVER, *files):
        if not os.path.exists(path):
            return f"{path} is not installed"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "python3-selenium is not installed"
    return None


class Roundcube:
    """Webmail of a Dovecot."""

    def __init__(self, dovecot):
        self.directory = sandbox.temporary_directory("roundcube")
        # the links keep pointing at the package, what is written is ours
        for name in ("index.php", "program", "SQL"):
            os.symlink(os.path.join(INSTALLED, name),
                       os.path.join(self.directory, name))
        for name in ("plugins", "skins", "public_html"):
            shutil.copytree(os.path.join(INSTALLED, name),
                            os.path.join(self.directory, name), symlinks=True)
        for name in ("config", "logs", "temp"):
            os.mkdir(os.path.join(self.directory, name))
        shutil.copy("/etc/roundcube/mimetypes.php",
                    os.path.join(self.directory, "config"))
        shutil.copy("/etc/roundcube/defaults.inc.php",
                    os.path.join(self.directory, "config"))
        with open(os.path.join(self.directory, "config", "config.inc.php"),
                  "w") as f:
            f.write(CONFIG.format(directory=self.directory,
                                  imap_port=dovecot.imap_port))
        with sqlite3.connect(os.path.join(self.directory, "db")) as database, \
                open(SCHEMA) as schema:
            database.executescript(schema.read())
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._log = open(os.path.join(self.directory, "php.log"), "wb")
        self._php = subprocess.Popen(
            ["php", "-S", f"127.0.0.1:{self.port}", "-t",
             os.path.join(self.directory, "public_html")],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"})
        wait_for(self._answers, "Roundcube answers")

    def _answers(self):
        try:
            return urllib.request.urlopen(self.url, timeout=10).status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def errors(self):
        path = os.path.join(self.directory, "logs", "errors.log")
        return open(path).read() if os.path.exists(path) else ""

    def close(self):
        self._php.terminate()
        self._php.wait()
        self._log.close()


class Browser:
    """Headless Chromium. Times are waited for, never slept."""

    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        profile = sandbox.temporary_directory("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", "--window-size=1280,900",
                         "--no-first-run", "--disable-extensions",
                         "--disable-background-networking",
                         "--host-resolver-rules=MAP * ~NOTFOUND , "
                         "EXCLUDE 127.0.0.1",
                         f"--user-data-dir={profile}"):
            options.add_argument(argument)
        self.driver = webdriver.Chrome(service=Service(DRIVER),
                                       options=options)

    def shows(self, css):
        """Visible elements."""
        from selenium.common.exceptions import StaleElementReferenceException
        try:
            return [e for e in self.driver.find_elements("css selector", css)
                    if e.is_displayed()]
        except StaleElementReferenceException:
            return []

    def find(self, css, timeout=30):
        """The first visible element, once there is one."""
        return wait_for(lambda: self.shows(css), f"{css} is shown",
                        timeout)[0]

    def log_in(self, roundcube, user):
        self.driver.get(roundcube.url)
        self.find("#rcmloginuser").send_keys(user.name)
        self.find("#rcmloginpwd").send_keys(PASSWORD)
        self.find("#rcmloginsubmit").click()
        self.find("#mailboxlist")

    def picture(self, name):
        """A PNG, kept only where AUTHRES_PICTURES says."""
        directory = os.environ.get("AUTHRES_PICTURES")
        if directory:
            self.driver.save_screenshot(os.path.join(directory, name + ".png"))

    def close(self):
        self.driver.quit()
