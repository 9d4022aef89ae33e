"""The portal: HTTP, people, tickets; the world outside is in `connectors`, the record in `audit`."""
