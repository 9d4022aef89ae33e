"""The invented people of Nordvik University, one for every state an account can be in and for every role."""

import base64
import hashlib
from dataclasses import dataclass

BASE = "dc=nordvik,dc=example"
PEOPLE = f"ou=people,{BASE}"
GUEST_PEOPLE = f"ou=guests,{BASE}"
LIBRARY_ACCOUNTS = f"ou=library,{BASE}"
LISTS = f"ou=lists,{BASE}"
DIRECTORY, GUEST_DIRECTORY = "nordvik", "guests"  # the installation's names for its two directories
LIBRARY = "library"  # and for one that follows: some have another account there, with the same password
ORGANISATION = "Nordvik University"
SERVICE_DN = f"cn=portal,ou=services,{BASE}"
SERVICE_PASSWORD = "Demo-only-portal-2026!"  # noqa: S105 - of a directory that holds invented people only

RECOVERY_CODES = 10


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """One invented person. Secrets are worked out from the login, so they are the same on every machine."""

    login: str
    given_name: str
    surname: str
    language: str = "nb"
    unit: str = "Faculty of Science"
    kind: str = "employee"
    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    sponsor: str | None = None  # a login
    display_name: str = ""
    rdn: str = ""  # escaped as in a DN; uid=<login> if empty
    policy: str = ""  # the name of a password policy other than the default
    directory: str = DIRECTORY

    @property
    def name(self) -> str:
        """The full name as people write it."""
        return self.display_name or f"{self.given_name} {self.surname}"

    @property
    def dn(self) -> str:
        """The DN of the entry."""
        return f"{self.rdn or f'uid={self.login}'},{GUEST_PEOPLE if self._guest else PEOPLE}"

    @property
    def password(self) -> str:
        """The password at first."""
        return f"Demo-only-{'guest-' if self._guest else ''}{self.login}-2026!"

    @property
    def mail(self) -> str:
        """The address at the university."""
        return f"{self.login}@{'guests.' if self._guest else ''}nordvik.example"

    @property
    def recovery_mail(self) -> str | None:
        """The private address on file."""
        if "no_recovery" in self.states:
            return None
        return f"{self.login}@{'gjestepost' if self._guest else 'fjordpost'}.example"

    @property
    def totp_secret(self) -> str | None:
        """The secret of the authenticator app, base32, 160 bits; whoever has no recovery has none."""
        if "no_recovery" in self.states:
            return None
        return base64.b32encode(_made_from(self._unique, "totp")[:20]).decode()

    @property
    def recovery_codes(self) -> tuple[str, ...]:
        """Ten codes of 80 bits, base32 in lower case, in groups of four."""
        if "no_recovery" in self.states:
            return ()
        return tuple(_code(self._unique, number) for number in range(RECOVERY_CODES))

    @property
    def _guest(self) -> bool:
        return self.directory == GUEST_DIRECTORY

    @property
    def _unique(self) -> str:
        return f"guest {self.login}" if self._guest else self.login


def _code(login: str, number: int) -> str:
    letters = base64.b32encode(_made_from(login, f"code {number}")[:10]).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _made_from(login: str, purpose: str) -> bytes:
    return hashlib.sha256(f"sparekey demo, not a secret: {purpose} of {login}".encode()).digest()


def _person(login: str, given_name: str, surname: str, language: str = "nb", **rest: str) -> DemoPerson:
    return DemoPerson(login=login, given_name=given_name, surname=surname, language=language, **rest)  # type: ignore[arg-type]


_ORDINARY = (
    _person("alice", "Alice", "Berg", "en"),
    _person("bob", "Bob", "Lindqvist", "sv", unit="Library"),
    _person("bjorn", "Bjørn", "Åkesson"),
    _person("xiaolong", "小龙", "李", "en", display_name="李小龙", unit="School of Music"),
    _person("aase", "Åse", "Ødegård", display_name="Ødegård, Åse", rdn=r"cn=Ødegård\, Åse"),
    _person("siobhan", "Siobhán", "O'Brien", "en", unit="Faculty of Law"),
    _person("ida", "Ida", "Nordby", unit="School of Music", kind="student"),
    _person("jonas", "Jonas", "Wikström", "sv", kind="student"),
    _person("leila", "Leila", "Haddad", "en", kind="student"),
    _person("oskar", "Oskar", "Sjöberg", "sv", unit="Faculty of Law"),
    _person("yusuf", "Yusuf", "Demir", unit="Estates"),
    _person("hedda", "Hedda", "Fossum", unit="Faculty of Law"),
    _person("signe", "Signe", "Bakke", "en"),
    _person("einar", "Einar", "Tveit", "en", unit="Library"),
    _person("frida", "Frida", "Lindahl", "en", kind="student"),
    _person("gunnar", "Gunnar", "Sæther", "en", unit="Estates"),
    _person("jorunn", "Jorunn", "Hovland", "en", unit="Estates"),
    _person("ingrid", "Ingrid", "Bø", "en"),
    _person("tor", "Tor", "Vang", unit="Estates"),
    _person("vidar", "Vidar", "Myhre", "en", unit="Library"),
    _person("selma", "Selma", "Eide", "en", unit="Library"),
    _person("odd", "Odd", "Skaar", "en", unit="Library"),
    _person("runa", "Runa", "Tangen", "en", unit="Library"),
)

_WITH_A_ROLE = tuple(
    DemoPerson(login=login, given_name=given, surname=last, language=language, unit="IT services", roles=(role,))
    for login, given, last, language, role in (
        ("carol", "Carol", "Hansen", "en", "coordinator"),
        ("dag", "Dag", "Solheim", "nb", "coordinator"),
        ("gro", "Gro", "Lunde", "en", "coordinator"),
        ("tuva", "Tuva", "Nygård", "nb", "tier2"),
        ("sigrid", "Sigrid", "Aas", "nb", "supervisor"),
        ("audun", "Audun", "Vik", "nb", "auditor"),
        ("astrid", "Astrid", "Moe", "en", "admin"),
        ("solveig", "Solveig", "Dahl", "nb", "sponsor"),
        ("magnus", "Magnus", "Ekström", "sv", "sponsor"),
    )
)

_IN_A_STATE = (
    DemoPerson(login="lars", given_name="Lars", surname="Lund", states=("locked",)),
    DemoPerson(login="linnea", given_name="Linnéa", surname="Holm", language="sv", states=("locked",), kind="student"),
    DemoPerson(login="dina", given_name="Dina", surname="Kvam", language="en", states=("disabled",)),
    DemoPerson(login="erik", given_name="Erik", surname="Strand", states=("expired",), policy="aged"),
    DemoPerson(login="eva", given_name="Eva", surname="Lie", language="en", states=("expired",), policy="aged-strict"),
    DemoPerson(login="enno", given_name="Enno", surname="Petersen", language="en", states=("ended",)),
    DemoPerson(login="mats", given_name="Mats", surname="Berglund", language="sv", states=("must_change",)),
    DemoPerson(login="maja", given_name="Maja", surname="Haugen", states=("must_change",), kind="student"),
    DemoPerson(
        login="carl", given_name="Carl", surname="Contrario", language="en", states=("contractor",),
        kind="contractor", sponsor="solveig", unit="Estates",
    ),
    DemoPerson(
        login="kirsten", given_name="Kirsten", surname="Meyer", language="en", states=("contractor",),
        kind="contractor", sponsor="magnus", unit="Library",
    ),
    DemoPerson(
        login="petra", given_name="Petra", surname="Falk", language="sv", states=("contractor",),
        kind="contractor", sponsor="gunnar", unit="Estates",
    ),
    DemoPerson(
        login="ravn", given_name="Ravn", surname="Kjær", language="en", states=("ended",),
        kind="contractor", sponsor="gunnar", unit="Estates",
    ),
    DemoPerson(
        login="otto", given_name="Otto", surname="Brekke", language="en", states=("ended",),
        kind="contractor", sponsor="jorunn", unit="Estates",
    ),
    DemoPerson(
        login="pavel", given_name="Pavel", surname="Horák", language="en", states=("contractor",),
        kind="visitor", sponsor="ingrid",
    ),
    DemoPerson(
        login="wanda", given_name="Wanda", surname="Zielińska", language="en", states=("contractor",),
        kind="visitor", sponsor="ingrid",
    ),
    DemoPerson(login="nora", given_name="Nora", surname="Ness", states=("no_recovery",)),
    DemoPerson(login="nils", given_name="Nils", surname="Åberg", language="sv", states=("no_recovery", "locked")),
)  # fmt: skip

PERSONS: tuple[DemoPerson, ...] = (*_ORDINARY, *_WITH_A_ROLE, *_IN_A_STATE)
GUESTS = tuple(
    DemoPerson(
        login=login, given_name=given, surname=last, language=language, unit="Visiting", kind="guest",
        directory=GUEST_DIRECTORY,
    )
    for login, given, last, language in (
        ("hedda", "Hedda", "Gabler", "nb"),  # the university has a Hedda of its own
        ("viktor", "Viktor", "Novák", "en"),
        ("mirja", "Mirja", "Laine", "sv"),
    )
)  # fmt: skip
EVERYBODY: tuple[DemoPerson, ...] = (*PERSONS, *GUESTS)
BY_LOGIN = {person.login: person for person in PERSONS}

ROLE_GROUPS = {
    "sponsor": "sponsors",
    "coordinator": "coordinators",
    "tier2": "tier2",
    "supervisor": "supervisors",
    "auditor": "auditors",
    "admin": "admins",
}


def group_dn(role: str) -> str:
    """The DN of the group that gives a role."""
    return f"cn={ROLE_GROUPS[role]},ou=groups,{BASE}"
