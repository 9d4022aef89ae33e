"""A throw-away Dovecot with Pigeonhole, set up as docs/mailboxes.md says: IMAP, ManageSieve, LMTP, doveadm, quota.

What Sieve sends (auto replies, redirected mail) goes to `smtp_port` without encryption. Needs root, as Dovecot does.
"""

import os
import secrets
import shutil
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.servers.certificates import write_certificates
from tests.servers.running import free_port, listening, state_folder, stop, wait_until

PACKAGES = "dovecot-imapd dovecot-lmtpd dovecot-managesieved dovecot-sieve"
DOMAIN = "post.test"
MASTER, MASTER_PASSWORD = "portal", "the master user's password"
API_KEY = "the key of doveadm"
PASSWORD = "a mailbox password"
QUOTA = "10M"
_MOST = 500  # mailboxes that are there from the start

# The parts between the marks are those docs/mailboxes.md shows.
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/lib
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap sieve lmtp
first_valid_uid = 1
mail_uid = mail
mail_gid = mail
mail_home = {folder}/mail/%n
mail_location = maildir:~/Maildir
mail_plugins = quota acl
postmaster_address = postmaster@{domain}
submission_host = 127.0.0.1:{smtp_port}
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_default_realm = {domain}
auth_failure_delay = 0
# Failed sign-ins from one address would make the next one wait for up to 15 seconds.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
protocol sieve {{
  passdb {{
    driver = passwd-file
    args = username_format=%n {folder}/master-users
    master = yes
    result_success = continue
  }}
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={quota}
  sieve = file:~/sieve;active=~/.dovecot.sieve
  acl = vfile
  acl_defaults_from_inbox = yes
  acl_shared_dict = file:{folder}/shared/names
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
namespace shared {{
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:{folder}/mail/%%n/Maildir:INDEXPVT=~/Maildir/shared/%%u
  subscriptions = no
  list = children
}}
protocol imap {{
  mail_plugins = quota imap_quota acl imap_acl
}}
protocol lmtp {{
  mail_plugins = quota acl sieve
}}
service auth {{
  unix_listener auth-userdb {{
    user = mail
    mode = 0600
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service managesieve-login {{
  inet_listener sieve {{
    port = {sieve_port}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
doveadm_api_key = {api_key}
service doveadm {{
  inet_listener http {{
    port = {doveadm_port}
  }}
}}
"""


# As docs/mailboxes.md shows it, too.
_TOKENS = """
auth_mechanisms = plain login oauthbearer
auth_master_user_separator = *
protocol sieve {{
  passdb {{
    driver = oauth2
    mechanisms = oauthbearer
    master = yes
    result_success = continue
    args = {folder}/oauth2.conf
  }}
}}
"""
_INTROSPECTION = """
introspection_url = {url}
introspection_mode = post
username_attribute = client_id
username_format = %Ln
active_attribute = active
active_value = true
"""


def why_not() -> str:
    """Why it cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "Dovecot needs root"
    installed = _program() and Path("/usr/lib/dovecot/managesieve-login").exists()
    return "" if installed else f"Dovecot is not installed: apt-get install --no-install-recommends {PACKAGES}"


@dataclass
class Dovecot:
    """A running server. Everything below can be written down and read as JSON."""

    folder: str
    smtp_port: int
    imap_port: int
    imaps_port: int
    sieve_port: int
    lmtp_port: int
    doveadm_port: int
    pid: int = 0
    given: int = 0  # how many mailboxes have been handed out

    @property
    def ca_file(self) -> Path:
        return Path(self.folder) / "ca.pem"

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def mailbox(self, name: str = "") -> str:
        """A mailbox nobody has had yet; its address. It opens with PASSWORD."""
        if name:
            with (Path(self.folder) / "users").open("a") as users:
                users.write(_user(name))
            time.sleep(1.1)  # Dovecot looks at the file at most once in a second
            return f"{name}@{DOMAIN}"
        self.given += 1
        return f"box{self.given}@{DOMAIN}"

    def deliver(self, to: str, *, sender: str, subject: str = "Hello", text: str = "Are you there?") -> None:
        """Hand over one message by LMTP, as the organisation's mail server does; Sieve runs then."""
        message = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{secrets.token_hex(8)}@t.test>\r\n"
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, [to], f"{message}\r\n{text}\r\n".encode())

    def kept(self, address: str) -> list[str]:
        """The messages in the inbox, in no order."""
        inbox = Path(self.folder) / "mail" / address.partition("@")[0] / "Maildir"
        return [file.read_text(errors="replace") for state in ("new", "cur") for file in (inbox / state).glob("*")]

    def sieve(self, address: str) -> str:
        """The script that runs when mail comes in, as it lies on the disk; empty for none."""
        active = Path(self.folder) / "mail" / address.partition("@")[0] / ".dovecot.sieve"
        return active.read_text() if active.exists() else ""

    def start(self) -> None:
        shutil.rmtree(f"{self.folder}/run", ignore_errors=True)  # sockets of an earlier run let sign-ins wait for 5 s
        quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)  # it never lets go
        subprocess.run([_program(), "-c", f"{self.folder}/dovecot.conf"], check=True, **quiet)
        mark = Path(self.folder) / "run" / "master.pid"
        wait_until(lambda: mark.exists() and mark.read_text() != "", seconds=10, what="the number of dovecot")
        self.pid = int(mark.read_text())
        for port in (self.sieve_port, self.lmtp_port, self.imap_port, self.doveadm_port):
            wait_until(lambda port=port: listening(port), seconds=10, what=f"dovecot on {port}")  # type: ignore[misc]

    def take_tokens(self, introspection_url: str) -> None:
        """From now on a token of an identity provider signs the master user in, too; mechanisms need a new start."""
        (Path(self.folder) / "oauth2.conf").write_text(_INTROSPECTION.format(url=introspection_url))
        with (Path(self.folder) / "dovecot.conf").open("a") as config:
            config.write(_TOKENS.format(folder=self.folder))
        self.stop()
        self.start()

    def stop(self) -> None:
        stop(self.pid, self.folder)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def new_dovecot(smtp_port: int) -> Dovecot:
    """Start one that sends what Sieve makes to this port of this machine. Whoever calls this calls `remove()`."""
    folder = state_folder("dovecot")
    server = Dovecot(str(folder), smtp_port, *(free_port() for _ in range(5)))
    try:
        write_certificates(folder)
        for name in ("mail", "lib", "shared"):
            (folder / name).mkdir()
        for name in ("mail", "shared"):
            shutil.chown(folder / name, "mail", "mail")
        (folder / "users").write_text("".join(_user(f"box{number + 1}") for number in range(_MOST)))
        (folder / "master-users").write_text(f"{MASTER}:{{PLAIN}}{MASTER_PASSWORD}\n")
        values = server.facts() | {"domain": DOMAIN, "quota": QUOTA, "api_key": API_KEY}
        (folder / "dovecot.conf").write_text(_CONFIG.format(**values))
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


@contextmanager
def dovecot(smtp_port: int) -> Iterator[Dovecot]:
    """A server for as long as the block lasts."""
    server = new_dovecot(smtp_port)
    try:
        yield server
    finally:
        server.remove()


def _user(name: str) -> str:
    return f"{name}@{DOMAIN}:{{PLAIN}}{PASSWORD}::::::\n"


def _program() -> str:
    return shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or ""
