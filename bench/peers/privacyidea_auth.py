"""privacyIDEA's `/auth` with a directory behind it, driven line by line: run by an interpreter that has it.

`python privacyidea_auth.py FOLDER JSON`; JSON tells of the directory and of somebody in it. Each line of standard input
is a number of seconds, each line of output how many sign-ins a second there were in them, by the clock or, after a
space, of its processor time. Its application is called in this process, as ours is beside it.
"""

import json
import os
import secrets
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from privacyidea.app import create_app
from privacyidea.lib.realm import set_default_realm, set_realm
from privacyidea.lib.resolver import save_resolver
from privacyidea.models import db

_SETTINGS = """\
SECRET_KEY = "{secret}"
PI_PEPPER = "{secret}"
PI_ENCFILE = "{folder}/enckey"
PI_AUDIT_KEY_PRIVATE = "{folder}/private.pem"
PI_AUDIT_KEY_PUBLIC = "{folder}/public.pem"
PI_LOGFILE = "{folder}/log"
PI_LOGLEVEL = 40
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/privacyidea.db"
"""


def application(folder: Path, directory: dict[str, str]) -> Flask:
    """A new installation with one realm, whose people and passwords are the directory's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "enckey").write_bytes(os.urandom(96))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "private.pem").write_bytes(private)
    (folder / "public.pem").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    settings = folder / "pi.cfg"
    settings.write_text(_SETTINGS.format(folder=folder, secret=secrets.token_hex(16)))
    app = create_app("production", str(settings), silent=True)
    with app.app_context():
        db.create_all()
        resolver = {
            "resolver": "ldap", "type": "ldapresolver", "LDAPURI": directory["url"], "LDAPBASE": directory["base"],
            "BINDDN": directory["dn"], "BINDPW": directory["password"], "LOGINNAMEATTRIBUTE": "uid", "UIDTYPE": "DN",
            "LDAPSEARCHFILTER": "(uid=*)(objectClass=inetOrgPerson)",
            "USERINFO": '{"username": "uid", "surname": "sn"}', "START_TLS": "True",
            "TLS_VERIFY": "True", "TLS_CA_FILE": directory["ca"], "AUTHTYPE": "Simple",
        }  # fmt: skip
        save_resolver(resolver)
        set_realm("main", [{"name": "ldap"}])
        set_default_realm("main")
    return app


def main() -> None:
    directory = json.loads(sys.argv[2])
    client = application(Path(sys.argv[1]), directory).test_client()
    person = {"username": directory["login"], "password": directory["person"]}
    for line in sys.stdin:
        began, used, done = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() < began + float(line):
            answer = client.post("/auth", json=person)
            assert answer.status_code == 200, answer.text
            done += 1
        print(done / (time.perf_counter() - began), done / (time.process_time() - used), flush=True)


main()
