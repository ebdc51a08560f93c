"""Pages for the platform owner: the gateway's connection, tokens, accounts."""
