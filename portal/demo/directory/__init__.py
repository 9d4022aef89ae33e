"""The embedded directory of the demo. It answers like OpenLDAP with its password policy overlay."""
