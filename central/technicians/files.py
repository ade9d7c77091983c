"""What lies in the directory of a centre for technicians."""

AUTHORITY = "technician-authority.json"
"""The key that signs passes and the list of technicians, locked with a passphrase."""
LIST = "technicians.jws"
"""Who may enter maintenance with a code; a copy goes to every kiosk."""
PASSES = "passes.jsonl"
"""Every pass that was ever issued, one a line: what a revocation needs, nothing that opens."""
