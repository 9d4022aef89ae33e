"""A throw-away Request Tracker 5 on SQLite, with a queue and a user with a token, as docs/tickets.md says."""

import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.servers.running import free_port, listening, state_folder, stop, wait_until

PROGRAM = Path("/usr/share/request-tracker5/libexec/rt-server")
SETUP = "rt-setup-database-5"
PACKAGES = "request-tracker5 rt5-standalone rt5-db-sqlite dbconfig-no-thanks msmtp-mta w3m"
QUEUE = "Account coordination"
_SITE = """
Set($rtname, 'test'); Set($Organization, 'example.test'); Set($Timezone, 'UTC');
Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($WebPath, '');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{folder}/rt.sqlite3');
Set($SendmailPath, '/bin/true'); Set($BcryptCost, 4); Set($LogToSyslog, undef); Set($LogToSTDERR, 'warning');
$MasonDataDir = '{folder}/mason'; $MasonSessionDir = '{folder}/session'; $VarPath = '{folder}';
1;
"""
_DATA = """
our @Users = ({{ Name => 'portal', EmailAddress => 'portal@example.test', Privileged => 1 }});
our @Queues = ({{ Name => '{queue}' }});
our @ACL = (map {{ {{ UserId => 'portal', Queue => '{queue}', Right => $_ }} }}
  qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ModifyTicket));
our @Final = (sub {{
  my $user = RT::User->new(RT->SystemUser); $user->Load('portal');
  my ($ok, $msg, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'test');
  die $msg unless $ok;
  open my $out, '>', '{folder}/token' or die $!; print $out $token; close $out;
}});
"""


def why_not() -> str:
    """Why it cannot run here, or nothing."""
    installed = PROGRAM.exists() and shutil.which(SETUP)
    return "" if installed else f"Request Tracker is not installed: apt-get install --no-install-recommends {PACKAGES}"


@dataclass(frozen=True)
class Rt:
    folder: str
    port: int
    pid: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def remove(self) -> None:
        stop(self.pid, str(self.port))
        shutil.rmtree(self.folder, ignore_errors=True)


def new_rt() -> Rt:
    """Set up a database and start it."""
    folder, port = state_folder("rt"), free_port()
    for name in ("conf.d", "mason", "session", "log"):
        (folder / name).mkdir(mode=0o700)
    (folder / "RT_SiteConfig.pm").write_text(_SITE.format(port=port, folder=folder))
    (folder / "root-password").write_text("root-for-tests")
    (folder / "data").write_text(_DATA.format(queue=QUEUE, folder=folder))
    environment = os.environ | {
        "RT_SITE_CONFIG": f"{folder}/RT_SiteConfig.pm",
        "RT_SITE_CONFIG_DIR": f"{folder}/conf.d",
    }
    for step in (
        ["--action", "init", "--root-password-file", f"{folder}/root-password"],
        ["--action", "insert", "--datafile", f"{folder}/data"],
    ):
        subprocess.run([SETUP, *step], env=environment, check=True, capture_output=True, timeout=120)
    with (folder / "log" / "rt").open("wb") as log:
        server = subprocess.Popen(
            [PROGRAM, "--server", "Starlet", "--host", "127.0.0.1", "--port", str(port), "--max-workers", "2"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    wait_until(lambda: listening(port), seconds=60, what="Request Tracker")
    return Rt(str(folder), port, server.pid, (folder / "token").read_text())
