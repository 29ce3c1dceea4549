"""The formats in which payloads leave: one room each. All but JSONL write the requests out, with addresses and credentials."""
