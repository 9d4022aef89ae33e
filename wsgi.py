"""What a WSGI server loads: the portal with the settings PORTAL_SETTINGS names."""

from portal.app import create_app
from portal.settings.file import load

app = create_app(load())
