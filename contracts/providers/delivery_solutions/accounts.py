"""Promises of Delivery Solutions: tokens, and that nobody sees or changes what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Promise, accepted, hold, promise, same
from contracts.proofs import stranger, taken, turned_down, with_standing
from contracts.providers.delivery_solutions.trackers import (
    FILE,
    PAGE,
    SCHEMAS,
    TOKEN,
    UPDATE,
    absent,
    create,
    found,
    lasting,
    listed,
    waiting,
)

OAUTH = "https://developer.lynkup.com/tag/OAuth-Client-Credentials"
GRANT = {"grant_type": "client_credentials"}
NOBODY = "/components/responses/BadToken"


def _each(caller: Caller, ident: str, headers: dict[str, str] | None = None) -> Iterator[tuple[Outcome, str]]:
    """Call each operation that needs a token; gives what came, and the name of the refusal for a bad one."""
    yield caller.call("createTracker", waiting(caller), headers=headers), "bad-token"
    yield caller.call("listTrackers", {}, headers=headers), "bad-token"
    yield caller.call("updateTracker", {"orderValue": 666}, params={"tracker_id": ident}, headers=headers), "bad-token-on-update"


def _spoiled(caller: Caller) -> Iterator[str]:
    """Make headers that look like a credential and are none."""
    right = caller.request(caller.spec.operations["listTrackers"], {}).headers["authorization"]
    word, _, token = right.partition(" ")
    yield from (
        "",
        word,
        f"{word} ",
        token,
        f"Basic {token}",
        f"{word} {token}x".replace("sbx_", "sbx-"),
        f"{word} {token[:-4]} {token[-4:]}",
    )
    yield f"{word} {caller.unique('nobody-')}"


@promise("createTracker", "listTrackers", "updateTracker", where=NOBODY, source=PAGE)
def nobody_gets_in_without_a_token(caller: Caller) -> None:
    """Without a token each call is refused in the gateway's words, with the code of its operation, and does nothing."""
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    before = lasting(found(caller, sent["trackerExternalId"]))
    for outcome, cause in _each(caller.as_nobody(), ident):
        refused(caller.spec, turned_down(outcome, "a call without a token"), cause)
    same(lasting(found(caller, sent["trackerExternalId"])), before, "a call without a token changed something")


@promise("createTracker", "listTrackers", "updateTracker", where=NOBODY, source=PAGE)
def nobody_gets_in_with_a_bad_token(caller: Caller) -> None:
    """What is no token, or not quite the token, is refused like none at all."""
    ident = create(caller, waiting(caller)).at("/id")
    for header in _spoiled(caller):
        for outcome, cause in _each(caller.as_nobody(), ident, {"authorization": header}):
            refused(caller.spec, turned_down(outcome, f"the header Authorization: {header}"), cause)


@promise("createTracker", "listTrackers", where=NOBODY, source=PAGE)
def a_create_by_nobody_makes_nothing(caller: Caller) -> None:
    """A create without a token leaves no tracker behind."""
    sent = waiting(caller)
    turned_down(caller.as_nobody().call("createTracker", sent), "a create without a token")
    absent(caller, sent["trackerExternalId"], "a create without a token")


@promise("createTracker", where=f"{SCHEMAS}/GatewayRefusal", source=FILE)
def the_gateway_has_an_envelope_of_its_own(caller: Caller) -> None:
    """A refusal for a bad token has no `type`: it has the gateway's wrapping, its headers, and ids of the call."""
    outcome = turned_down(caller.as_nobody().call("createTracker", waiting(caller)), "a call without a token")
    same(outcome.status, 401, "a call without a token has another status", outcome)
    hold("type" not in (outcome.body or {}), "the gateway's refusal has the platform's type", got=outcome.body, outcome=outcome)
    hold(outcome.at("/response/errors/0/code"), "the gateway's refusal has no code", got=outcome.body, outcome=outcome)
    for name in ("apierrorcode", "apierrormsg", "bkndtransid", "transid"):
        hold(outcome.answer.headers.get(name), f"the gateway's refusal lacks the header {name}", expected="a text", outcome=outcome)
    same(outcome.answer.headers["apierrorcode"], outcome.at("/response/errors/0/code"), "header and body give different codes", outcome)


@promise("createTracker", where="/components/headers/transId", inferred=True)
def the_gateway_repeats_the_callers_id(caller: Caller) -> None:
    """A `transId` that came with the request comes back with the refusal."""
    ident = caller.unique("call-")
    outcome = caller.as_nobody().call("createTracker", waiting(caller), headers={"transId": ident})
    same(outcome.answer.headers.get("transid"), ident, "the caller's id of the call does not come back", outcome)


@promise("listTrackers", "createTracker", where=NOBODY, source=PAGE)
def a_revoked_credential_is_no_credential(caller: Caller) -> None:
    """A credential that was good once is refused like any other."""
    other = caller.as_(with_standing(caller, "revoked"))
    ident = create(caller, waiting(caller)).at("/id")
    for outcome, cause in _each(other, ident):
        refused(caller.spec, turned_down(outcome, "a revoked credential"), cause)


# --- another account ---------------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerPage", source=PAGE)
def an_account_lists_its_own(caller: Caller) -> None:
    """A tracker is not in the lists of another account, by whatever filter."""
    other = stranger(caller)
    sent = waiting(caller, groupId=caller.unique("basket-"))
    create(caller, sent)
    found(caller, sent["trackerExternalId"])
    for filters in ({"groupId": sent["groupId"]}, {"orderExternalIds": [sent["trackerExternalId"]]}):
        same(listed(other, **filters), [], "an account sees another's tracker")
    there = [tracker["orderExternalId"] for tracker in listed(other)]
    hold(sent["trackerExternalId"] not in there, "an account sees another's tracker", got=there)


@promise("createTracker", "updateTracker", "listTrackers", where=UPDATE, source=PAGE)
def an_account_changes_its_own(caller: Caller) -> None:
    """A tracker cannot be updated by another account, neither by its id nor by its name."""
    other = stranger(caller)
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    before = lasting(found(caller, sent["trackerExternalId"]))
    for name in (ident, sent["trackerExternalId"]):
        turned_down(other.call("updateTracker", {"orderValue": 666}, params={"tracker_id": name}), "an update of another's tracker")
    same(lasting(found(caller, sent["trackerExternalId"])), before, "an account changed another's tracker")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/NewTracker/properties/trackerExternalId", source=FILE)
def names_are_an_accounts_own(caller: Caller) -> None:
    """Two accounts may give the same external id; each has a tracker of its own."""
    other = stranger(caller)
    sent = waiting(caller)
    mine = create(caller, sent)
    yours = taken(other.call("createTracker", {**sent, "deliveryInstructions": "yours"}), "an external id that another account has")
    hold(mine.at("/id") != yours.at("/id"), "two accounts share a tracker", got=yours.at("/id"), outcome=yours)
    same(found(caller, sent["trackerExternalId"])["deliveryInstructions"], None, "an account changed another's tracker")


# --- tokens ------------------------------------------------------------------------------------------------------------------


def _issued(caller: Caller) -> Outcome:
    return accepted(caller.call("issueToken", GRANT))


def _client(caller: Caller) -> str:
    return (caller.text or "").partition(":")[0]


@promise("issueToken", "createTracker", "listTrackers", where=TOKEN, source=OAUTH, alone=True)
def a_token_is_good_for_calls(caller: Caller) -> None:
    """A token that was issued is good for calls of the client's own account."""
    outcome = _issued(caller)
    bearer = caller.as_(str(outcome.at("/access_token")))
    sent = waiting(caller)
    taken(bearer.call("createTracker", sent), "a token that was just issued")
    found(bearer, sent["trackerExternalId"])


@promise("issueToken", where=f"{SCHEMAS}/Token", source=OAUTH, alone=True)
def all_of_a_token_is_text(caller: Caller) -> None:
    """Each of the eight members of a token is a text, the numbers too, and the client is the one who asked."""
    outcome = _issued(caller)
    for name in ("token_type", "issued_at", "client_id", "access_token", "scope", "expires_in", "refresh_count", "status"):
        value = outcome.at(f"/{name}")
        hold(isinstance(value, str), f"{name} of a token is no text", expected="a text", got=value, outcome=outcome)
    same(outcome.at("/token_type"), "Bearer", "a token is of another type", outcome)
    same(outcome.at("/client_id"), _client(caller), "a token is for another client", outcome)
    hold(_number(outcome.at("/expires_in")) > 0, "a token has expired when it is issued", got=outcome.at("/expires_in"), outcome=outcome)


@promise("issueToken", where=f"{SCHEMAS}/Token/properties/issued_at", source=OAUTH, alone=True)
def tokens_are_issued_in_order(caller: Caller) -> None:
    """A later token is another one, and was not issued before the earlier one."""
    first, second = _issued(caller), _issued(caller)
    hold(first.at("/access_token") != second.at("/access_token"), "a new token is the old one", outcome=second)
    hold(_number(first.at("/issued_at")) <= _number(second.at("/issued_at")), "a later token was issued earlier", outcome=second)


@promise("issueToken", "createTracker", "listTrackers", "updateTracker", where=TOKEN, source=OAUTH, alone=True)
def a_new_token_revokes_the_old(caller: Caller) -> None:
    """A token is refused as soon as a newer one was issued; the newer one is good."""
    old = caller.as_(str(_issued(caller).at("/access_token")))
    sent = waiting(caller)
    ident = taken(old.call("createTracker", sent), "a token that was just issued").at("/id")
    new = caller.as_(str(_issued(caller).at("/access_token")))
    for outcome, cause in _each(old, ident):
        refused(caller.spec, turned_down(outcome, "a token that a newer one took the place of"), cause)
    same(found(new, sent["trackerExternalId"])["id"], ident, "a new token is for another account")


@promise("issueToken", "listTrackers", where=TOKEN, source=OAUTH, alone=True)
def a_refused_token_revokes_nothing(caller: Caller) -> None:
    """A token stays good when the next one is refused."""
    token = caller.as_(str(_issued(caller).at("/access_token")))
    turned_down(caller.call("issueToken", {"grant_type": "password"}), "another grant")
    taken(token.call("listTrackers", {}), "a token after which none was issued")


@promise("issueToken", where=f"{TOKEN}/x-causes/bad-client", source=OAUTH, writes=False)
def a_client_must_be_known(caller: Caller) -> None:
    """No token without a client, nor for one that nobody knows."""
    refused(caller.spec, turned_down(caller.as_nobody().call("issueToken", GRANT), "a token for nobody"), "bad-client")
    nobody = caller.as_(f"{caller.unique('nobody-')}:secret")
    refused(caller.spec, turned_down(nobody.call("issueToken", GRANT), "a token for an unknown client"), "bad-client")


@promise("issueToken", where=f"{TOKEN}/requestBody", source=OAUTH, writes=False)
def there_is_one_grant(caller: Caller) -> None:
    """A token is asked for with the grant `client_credentials` and no other, nor without one."""
    for form in ({"grant_type": "password"}, {"grant_type": ""}, {"grant_type": "CLIENT_CREDENTIALS"}, {"grant": "client_credentials"}):
        outcome = turned_down(caller.call("issueToken", form), f"the form {form}")
        same(outcome.status, 400, "a form that is not understood has another status", outcome)
        hold(outcome.at("/response/errors/0/code"), "the gateway's refusal has no code", got=outcome.body, outcome=outcome)


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else -1


PROMISES: tuple[Promise, ...] = (
    nobody_gets_in_without_a_token,
    nobody_gets_in_with_a_bad_token,
    a_create_by_nobody_makes_nothing,
    the_gateway_has_an_envelope_of_its_own,
    the_gateway_repeats_the_callers_id,
    a_revoked_credential_is_no_credential,
    an_account_lists_its_own,
    an_account_changes_its_own,
    names_are_an_accounts_own,
    a_token_is_good_for_calls,
    all_of_a_token_is_text,
    tokens_are_issued_in_order,
    a_new_token_revokes_the_old,
    a_refused_token_revokes_nothing,
    a_client_must_be_known,
    there_is_one_grant,
)
