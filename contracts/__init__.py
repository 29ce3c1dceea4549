"""The contracts: is any implementation keeping the promises of its document? And payloads that put it to the test.

This package uses the public names of `sandbox` and never the other way round. Only `contracts.providers` knows a provider by
name; everything else reads documents.
"""
