"""`python -m benchmarks`: what the kiosk takes, each measure beside a peer or a limit in the same run."""
