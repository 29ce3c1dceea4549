"""One machine for each provider: its calls as rules, held to a small model of what the target must know by then."""
