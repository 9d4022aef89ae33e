"""Mail that people write to the service desk becomes notes and tickets. It never proves who somebody is."""
