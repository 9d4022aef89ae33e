"""Mail systems: what people may do to their mailboxes, wherever these lie."""
