"""What each mail is given by whoever sends it."""

from datetime import timedelta

from page_app import NOW

NOTICE = {
    "name": "Alice Berg",
    "login": "aliceb",
    "at": NOW,
    "source": "198.51.100.23",
    "factor": "recovery_code",
    "factor_title": "Recovery codes",
    "password": True,
    "was_locked": True,
    "attempt": "7f3k21qd-99aa",
    "undo_url": "https://sparekey.example/undo/x",
}
KEY = {**NOTICE, "fingerprint": "SHA256:YYtHNSpYcbW4T6Jq6UfnUeK1y1OGY6hPRTb6JrLCVgc"}
ADDRESSES = {"old": "a•••@x.example", "new": "b•••@y.example"}
CHANGED = {"old_address": "a•••@x.example", "new_address": "b•••@y.example"}
TICKET = {
    "number": 4711,
    "subject": "lost phone",
    "due": NOW + timedelta(hours=6),
    "ticket_url": "https://sparekey.example/tickets/4711/k",
}
NOTICES = (
    "password_changed", "unlocked", "factor_added", "factor_removed", "factor_changed",
    "sessions_closed", "account_frozen", "not_changed", "new_password_wanted", "server_behind",
    "signed_out_everywhere", "access_pass_given",
)  # fmt: skip
FORWARD = {"target": "alice@fjordpost.example", "last_day": "2026-04-17", "waits_until": NOW}
SHARE = {"box": "plankton@nordvik.example", "who": "bob@nordvik.example"}
SHARED = "https://sparekey.example/mailbox/shared"
MAILS = {
    **dict.fromkeys(NOTICES, NOTICE),
    "password_changed": {
        **NOTICE,
        "systems": [
            {"name": {"en": "Staff directory", "nb": "Ansatte"}, "outcome": "success", "reason": "", "ticket": None},
            {"name": "Nordvik Cloud", "outcome": "pending", "reason": "directory_down", "ticket": 4711},
            {"name": "Computing centre", "outcome": "failure", "reason": "too_short", "ticket": None},
            {"name": "Library", "outcome": "failure", "reason": "no_account_there", "ticket": None},
            {"name": "Workshop", "outcome": None, "reason": "", "ticket": None},
        ],
    },
    "other_system": {**NOTICE, "system": "Nordvik Cloud", "outcome": "failure"},
    "old_password_tried": {
        **NOTICE,
        "changed": NOW,
        "failures": 3,
        "locked": True,
        "devices": ["eduroam on your phone"],
    },
    "address_waits": {
        **{**ADDRESSES, "due": NOW + timedelta(hours=48), "replaced": True},
        "cancel_url": "https://sparekey.example/undo/address/x",
    },
    "address_kept": {**ADDRESSES, "stopped": True},
    "address_changed": {**NOTICE, **CHANGED},
    "phone_changed": NOTICE,
    "auto_reply_set": {**NOTICE, "first_day": "2026-04-06", "last_day": "2026-04-17"},
    "absence_set": {
        **NOTICE,
        "first_day": "",
        "last_day": "",
        "done_by": "Carol Hansen",
        "reason": "Her manager rang.",
    },
    "auto_reply_removed": NOTICE,
    "forward_set": {
        **NOTICE,
        "target": "alice@fjordpost.example",
        "keep_copy": True,
        "last_day": "2026-04-17",
        "waits_until": NOW,
    },
    "absence_forward_set": {
        **NOTICE,
        "target": "bob@nordvik.example",
        "keep_copy": True,
        "last_day": "",
        "waits_until": "",
        "done_by": "Carol Hansen",
        "reason": "Her manager rang.",
    },
    "absence_share_given": {
        **NOTICE,
        **SHARE,
        "right": "work",
        "last_day": "2026-04-17",
        "done_by": "Carol Hansen",
        "reason": "Her manager rang.",
    },
    "account_enabled": {**NOTICE, "done_by": "Carol Hansen", "reason": "We talked to her."},
    "absence_signed_out": {**NOTICE, "done_by": "Carol Hansen", "reason": "She has left."},
    "forward_outside_seen": {
        "name": "Alice Berg",
        "login": "aliceb",
        **FORWARD,
        "person_url": "https://sparekey.example/desk/people/1",
    },
    "forward_removed": {**NOTICE, "target": "alice@fjordpost.example"},
    "alias_added": {**NOTICE, "address": "plankton@nordvik.example"},
    "alias_removed": {**NOTICE, "address": "plankton@nordvik.example"},
    "quota_changed": {**NOTICE, "gigabytes": 10},
    "mailbox_nearly_full": {"used": "4.8 GB", "limit": "5 GB"},
    "share_given": {**NOTICE, **SHARE, "right": "work", "last_day": "2026-04-17"},
    "share_ended": {**NOTICE, **SHARE},
    "share_given_to_you": {**SHARE, "right": "work", "last_day": "2026-04-17", "mailbox_url": SHARED},
    "share_ended_for_you": {**SHARE, "reader": "bob@nordvik.example", "mailbox_url": SHARED},
    "list_joined": {**NOTICE, "address": "plankton@nordvik.example", "last_day": "2026-04-17"},
    "list_left": {**NOTICE, "address": "plankton@nordvik.example"},
    "app_password_added": {**NOTICE, "label": "Thunderbird"},
    "app_password_removed": {**NOTICE, "label": "Thunderbird"},
    "code_for_forward": {"code": "684 210", "valid_until": NOW, "name": "Alice Berg"},
    "code_for_address": {"code": "684 210", "valid_until": NOW},
    "provider_linked": {**NOTICE, "provider": "Nordvik ID", "shown": "aliceb@nordvik.example"},
    "provider_unlinked": {**NOTICE, "provider": "Nordvik ID", "shown": "aliceb@nordvik.example"},
    "ssh_key_added": KEY,
    "ssh_key_removed": KEY,
    "account_ends": {"name": "Alice Berg", "login": "aliceb", "until": "2026-03-31", "days_left": 14},
    "password_expires": {"name": "Alice Berg", "login": "aliceb", "until": "2026-03-31", "days_left": 14},
    "review_wanted": {"name": "Alice Berg", "count": 3, "until": "2026-03-31", "again": True},
    "account_extended": {**NOTICE, "until": "2026-09-30"},
    "extension_taken_back": {**NOTICE, "until": "2026-03-31"},
    "account_lapses": {
        **NOTICE,
        "ends_on": "2026-03-31",
        "reason": "The project is over.",
    },
    "export_ready": {"export_url": "https://sparekey.example/log/export", "until": "2026-03-13"},
    "account_bridged": {"name": "Alice Berg", "login": "aliceb", "until": "2026-04-07"},
    "approval_moved": {**TICKET, "name": "Alice Berg", "decides": "Bjørn Åkesson"},
    "approval_wanted": {
        **TICKET,
        "person": "Bjørn Åkesson",
        "ends_on": "2026-03-31",
        "until": "2026-09-30",
        "why": "The plankton samples are counted until then.",
        "again": True,
        "bridged": "2026-04-07",
        "ticket_url": "https://sparekey.example/approvals/4711/x",
    },
    "follow_up": {**TICKET, "text": "Does the new telephone still show the codes?"},
    "mail_taken": TICKET,
    "caller_code": {"code": "684 210", "valid_until": NOW},
    "vouch": {
        "person": "Bjørn Åkesson",
        "staff": "Carol Hansen",
        "valid_until": NOW,
        "vouch_url": "https://sparekey.example/vouch/x",
    },
    "password_link": {
        "name": "Alice Berg",
        "valid_until": NOW,
        "link_url": "https://sparekey.example/recover/link/x",
    },
    "password_link_made": {**NOTICE, "caller_ticket": 4711},
    "caller_failed": {**NOTICE, "caller_ticket": 4711},
    "code": {"code": "684 210", "valid_until": NOW, "undo_url": "https://sparekey.example/undo/y"},
    "login_name": {"login": "aliceb", "name": "Alice Berg"},
    "ticket_opened": TICKET,
    "ticket_for_coordinators": {**TICKET, "claim": "aliceb", "reason": "no_factor_left"},
    "shift_news": {**NOTICE, "what": "asked", "starts": NOW, "ends": NOW, "other": "Carol Hansen", "back": NOW},
    "tickets_assigned": {
        "name": "Carol Hansen",
        "tickets": [{"number": n, "subject": "Projector", "due": "2026-03-31T10:00:00+00:00"} for n in (4711, 4715)],
        "ticket_url": "https://sparekey.example/desk?assignee=me",
    },
    "coverage_gaps": {
        "gaps": [{"queue": "tier2", "starts": NOW.isoformat(), "ends": (NOW + timedelta(hours=4)).isoformat()}]
    },
    "ticket_note": {**TICKET, "text": "Come by with your card."},
    "ticket_merged": {**TICKET, "other": 4702},
    "ticket_parted": TICKET,
    "checkpoint": {
        "note": "portal.example/audit\n3\nLP73\n\n\u2014 portal.example/audit nDlz\n",
        "lines": ["portal.example/audit", "3", "2cfef762 7597e00b 56497577 4ad728ef"],
        "day": "2026-03-31",
    },
    "ticket_decided": {**TICKET, "text": "Seen at the counter.", "decision": "fulfilled"},
}
