"""Who may do what: accounts, signing in, second factors, roles, grants and limits."""
