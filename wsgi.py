"""What a WSGI server loads: the portal with the settings PORTAL_SETTINGS names."""

from portal.app import create_app
from portal.settings import load

app = create_app(load())
