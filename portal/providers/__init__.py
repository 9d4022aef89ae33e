"""Identity providers: whose account a person there is linked with, and what is asked of them until they answer."""
