"""Payloads whose requests show a credential already: an account of its own for each where there are many, else the one that was given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts.payloads.drafts import CannotShow, Signer
from contracts.payloads.payload import Payload
from contracts.payloads.run import Accounts
from sandbox.spec import Spec


def payloads(spec: Spec, credential: str, plain: Iterable[Payload]) -> Iterator[Payload]:
    """Lay a credential into drafts; those that it can't show are left out."""
    accounts = Accounts(credential, "")
    for number, payload in enumerate(plain, 1):
        try:
            request = Signer(spec, accounts.number(number)).sign_payload(payload)
        except CannotShow:
            continue
        body = request.body if payload.draft.body is not None else None
        yield replace(payload, draft=replace(payload.draft, headers=request.headers, body=body))
