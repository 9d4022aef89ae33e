"""People who call or come: who they are is checked before anything is done for them."""
