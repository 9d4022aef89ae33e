"""How a throw-away 389 Directory Server is made: all its files in one folder, no systemd, the manual's settings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.servers.slapd_files import BASE

ADMIN_DN = "cn=Directory Manager"
INSTANCE = "sparekey"

_MANUAL = Path(__file__).parents[2] / "docs" / "389ds.md"
_SHARE = Path("/usr/share/dirsrv")
_SYSTEM = Path("/etc/dirsrv")


def why_not() -> str:
    """Why no server can be made here, or an empty text."""
    if shutil.which("dscreate", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
        return "389 DS is not installed (Debian and Ubuntu: the package 389-ds-base)"
    if not os.access(_SYSTEM / "config", os.R_OK | os.X_OK):
        return f"{_SYSTEM} is for root and members of the group dirsrv: 389 DS cannot be tried as this user"
    return ""


def manual(section: str) -> str:
    """The LDIF the manual tells an administrator to load, from the block marked with that name."""
    found = re.search(rf"<!-- {section} -->\n```ldif\n(.*?)```", _MANUAL.read_text(), re.DOTALL)
    if found is None:
        raise LookupError(f"{_MANUAL} has no block {section}")
    return found.group(1)


# Beyond the manual: what the contract takes for granted, and a hash that lets tests be quick.
TESTED_WITH = """\
dn: cn=config
changetype: modify
replace: passwordStorageScheme
passwordStorageScheme: SSHA512
-
replace: passwordLockout
passwordLockout: on
-
replace: passwordMaxFailure
passwordMaxFailure: 5
-
replace: passwordExp
passwordExp: on
-
replace: passwordMaxAge
passwordMaxAge: 31536000

dn: cn=Account Policy Plugin,cn=plugins,cn=config
changetype: modify
replace: nsslapd-pluginEnabled
nsslapd-pluginEnabled: on
-
replace: nsslapd-pluginarg0
nsslapd-pluginarg0: cn=config,cn=Account Policy Plugin,cn=plugins,cn=config

dn: cn=config,cn=Account Policy Plugin,cn=plugins,cn=config
changetype: modify
replace: alwaysRecordLogin
alwaysRecordLogin: yes
-
replace: stateAttrName
stateAttrName: lastLoginTime
-
replace: altStateAttrName
altStateAttrName: createTimestamp
-
replace: specAttrName
specAttrName: acctPolicySubentry
-
replace: limitAttrName
limitAttrName: accountInactivityLimit
"""


def create(folder: Path, port: int, tls_port: int, admin_password: str) -> None:
    """Run dscreate so that everything it makes lies in `folder`; the server runs when it returns."""
    config = folder / "etc" / "dirsrv"
    config.mkdir(parents=True)
    for part in ("schema", "config"):
        shutil.copytree(_SYSTEM / part, config / part)
    shutil.copytree(_SHARE / "data", folder / "share" / "dirsrv" / "data")
    (folder / "share" / "dirsrv" / "inf").mkdir()
    # krbPrincipalExpiration, as FreeIPA and Kerberos sites have it
    shutil.copy(_SHARE / "data" / "60kerberos.ldif", config / "schema")
    template = folder / "share" / "dirsrv" / "data" / "template-dse.ldif"
    loopback = "nsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1\n"
    template.write_text(template.read_text().replace("nsslapd-port:", f"{loopback}nsslapd-port:", 1))
    _write_defaults(folder)
    answers = folder / "answers.inf"
    answers.touch(mode=0o600)
    answers.write_text(f"""\
[general]
config_version = 2
full_machine_name = localhost
strict_host_checking = False
selinux = False
systemd = False
[slapd]
instance_name = {INSTANCE}
port = {port}
secure_port = {tls_port}
root_dn = {ADMIN_DN}
root_password = {admin_password}
self_sign_cert = False
[backend-userroot]
suffix = {BASE}
create_suffix_entry = True
""")
    run(folder, "dscreate", "from-file", str(answers))


def _write_defaults(folder: Path) -> None:
    """lib389 looks for its paths below $PREFIX first; the system's own say systemd and /var."""
    owner = {"user": _name_of(os.getuid(), "passwd"), "group": _name_of(os.getgid(), "group")}
    lines = []
    for line in (_SHARE / "inf" / "defaults.inf").read_text().splitlines():
        name, equals, value = line.partition(" = ")
        if name == "with_systemd":
            value = "0"
        elif name == "data_dir":
            value = f"{folder}/share"
        elif name in owner:
            value = owner[name]
        elif value.startswith(("/etc", "/var", "/run", "/dev/shm")):
            value = f"{folder}{value}"
        lines.append(f"{name}{equals}{value}")
    (folder / "share" / "dirsrv" / "inf" / "defaults.inf").write_text("\n".join(lines) + "\n")


def _name_of(number: int, database: str) -> str:
    entries = (line.split(":") for line in Path(f"/etc/{database}").read_text().splitlines())
    return next((name for name, _, found, *_ in entries if found == str(number)), str(number))


def install_certificate(folder: Path) -> None:
    """Put our certificate into the instance's NSS database."""
    tls, database = folder / "tls", config_folder(folder)
    password = str(database / "pwdfile.txt")
    key = serialization.load_pem_private_key((tls / "server.key").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((tls / "server.pem").read_bytes())
    bundle = pkcs12.serialize_key_and_certificates(
        b"Server-Cert",
        key,
        certificate,
        None,
        serialization.BestAvailableEncryption(b"on the way"),  # type: ignore[arg-type]
    )
    (tls / "server.p12").write_bytes(bundle)
    shared = ("-d", str(database))
    run(folder, "certutil", "-A", *shared, "-f", password, "-n", "ca", "-t", "CT,,", "-a", "-i", f"{tls}/ca.pem")
    run(folder, "pk12util", *shared, "-k", password, "-i", f"{tls}/server.p12", "-W", "on the way")


def config_folder(folder: Path) -> Path:
    return folder / "etc" / "dirsrv" / f"slapd-{INSTANCE}"


def run(folder: Path, *command: str) -> None:
    """Raises RuntimeError with what the command said."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    done = subprocess.run(
        command,
        env={**os.environ, "PREFIX": str(folder), "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr)[-2000:]}")
