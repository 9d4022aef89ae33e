"""What every directory must do, whatever server is behind it.

A subclass provides three fixtures:

- `settings`: the LdapSettings of a directory that is up, with StartTLS on an ldap:// address, under a
  default policy of at least 10 characters, 5 old passwords remembered, locked after 5 failures;
- `people`: an object with `password`, everybody's password at the start; `person(login="", *, state=State.ORDINARY,
  **attributes)`, which makes a fresh person in a state, or an existing one anew, and returns the login;
- `other_ca_file`: the certificate of an authority that did not sign the server's;
- `resets_mind_history`, only where they do not: False for a server that takes an old password from a service account.
"""

from tests.connectors.contract_ends import EndContract
from tests.connectors.contract_finding import FindingContract
from tests.connectors.contract_passwords import PasswordContract
from tests.connectors.contract_states import StateContract
from tests.connectors.contract_transport import TransportContract


class DirectoryContract(FindingContract, PasswordContract, StateContract, EndContract, TransportContract):
    """Subclass it and provide the fixtures named on top."""
