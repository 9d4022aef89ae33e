"""All pages of the desk: one blueprint in several files."""

from portal.tickets import handing_views, queue_views, saved_view_views, several_views, text_views
from portal.tickets.desk_views import views

__all__ = ["handing_views", "queue_views", "saved_view_views", "several_views", "text_views", "views"]
