"""After a ticket is closed: opened again by a reply, judged by whoever asked, and looked after on a day to come."""
