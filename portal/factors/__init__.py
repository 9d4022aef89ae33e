"""The list of ways to prove who you are. Add a factor by adding a line."""

from portal.factor import Factor
from portal.factors.mailed_code import MailedCode
from portal.factors.password import Password
from portal.factors.recovery_code import RecoveryCode
from portal.factors.totp import Totp

FACTORS: dict[str, type[Factor]] = {factor.name: factor for factor in (MailedCode, Totp, RecoveryCode, Password)}
