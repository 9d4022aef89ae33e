"""Settings of how often is too often."""

from portal.settings.part import Part


class Limits(Part):
    """How often is too often. Counted in the database, over all processes and machines."""

    walks_per_source: str = "60 per 10 minutes"
    """New walks from one address. Whole campuses may share one."""
    walks_per_claim: str = "10 per 10 minutes"
    """New walks for one login name."""
    tries_per_account: str = "10 per 15 minutes"
    """Wrong proofs for one account and factor."""
    tries_per_source: str = "100 per 15 minutes"
    """Wrong proofs from one address."""
    mails_per_account: str = "5 per 15 minutes"
    """Codes mailed to one person."""
    tickets_per_source: str = "20 per hour"
    """Tickets opened without a sign-in from one address."""
    mails_per_sender: str = "20 per hour"
    """Mails to the service desk that are taken in from one sender; more wait."""
