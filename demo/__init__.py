"""The whole product on one machine, on parts that pip brings: what `make demo` and `make demo-check` run."""
