"""What `deploy/init` does: Python's own library and openssl, since it runs on a bare host."""
