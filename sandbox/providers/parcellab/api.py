"""The provider `parcellab`: who calls, and one method for each operation. What they need stands in the other rooms."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sandbox.errors import Refused, Rejection
from sandbox.exchange import Account, Call, Credential, Problem, Refusal, Reply
from sandbox.outbox import Message
from sandbox.pipeline import Accounts
from sandbox.providers.parcellab import info, listing, mutations, orders, refusals, stories
from sandbox.workspace import World

NEEDED_TO_CREATE = ("account", "order_number", "destination_country_iso3", "recipient_email")
_TOKEN = re.compile(r"parcellab-api-token +(\S+)", re.IGNORECASE)
_NUMBERED = re.compile(r"([1-9][0-9]{0,9}):(.+)")


class Parcellab:
    """The provider `parcellab`."""

    credential_header = "Authorization: Parcellab-API-Token sbx_demo"

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        """Take a token as it is, or out of the Base64 form, which binds it to one account number."""
        if credential.scheme == "OAuth2Bearer":
            return accounts.known(credential.text)
        if not (match := _TOKEN.fullmatch(credential.text.strip())):
            raise Rejection("unauthenticated", "malformed")
        if numbered := _NUMBERED.fullmatch(_decoded(match[1])):
            return replace(accounts.known(numbered[2]), number=int(numbered[1]))
        return accounts.known(match[1])

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no in one of the API's three shapes, or send to the path with its slash."""
        return Reply(refusal.cause.status, refusals.body(refusal), refusals.headers(refusal))

    def set_scene(self, world: World) -> None:
        """Put the scene's orders and parcels into a fresh world, the oldest first as they would have come in."""
        for given in sorted(world.scene["orders"], key=lambda order: order["began_s"]):
            record = orders.from_scene(world, given)
            for tracking in given["trackings"]:
                world.begin(tracking["tracking_number"], world.now + timedelta(seconds=tracking["began_s"]))
            orders.save(world, record, None)

    def messages(self, world: World) -> Iterator[Message]:
        """Tell the e-mails that the recipients of all orders got by now."""
        for _, record in world.values("orders"):
            yield from stories.messages(world, record)

    def page(self, world: World, link: Mapping[str, Any]) -> None:
        """Show nothing: no answer of this API carries a link."""

    # --- operations ------------------------------------------------------------------------------------------------------

    def put_order(self, call: Call) -> Reply:
        """Merge into the order that the body names, or create it."""
        _hold_account(call, "/account", call.body.get("account"))
        found = orders.named(call.world, call.body, call.body.get("account", call.account.number))
        if found is None and (missing := [name for name in NEEDED_TO_CREATE if name not in call.body]):
            problems = tuple(Problem(f"/{name}", "missing-for-create", "This field is required.") for name in missing)
            raise Refused("missing-for-create", problems=problems)
        record, outcomes = _changed(call, found)
        return Reply(201 if found is None else 200, orders.shown(record) | {"mutations": outcomes})

    def create_order(self, call: Call) -> Reply:
        """Create an order whose names are all free."""
        _hold_account(call, "/account", call.body["account"])
        record, _ = _changed(call, None)
        return Reply(201, orders.shown(record))

    def list_orders(self, call: Call) -> Reply:
        """List one page, newest first unless the caller wants another order."""
        for account in call.params.get("account", ()):
            _hold_account(call, "query:account", account)
        return Reply(200, listing.page(call))

    def get_order_info(self, call: Call) -> Reply:
        """Tell an order and its parcels as the recipient may see them."""
        _hold_account(call, "query:account", call.params.get("account"))
        return Reply(200, info.shown(call, info.named(call)))

    def get_order(self, call: Call) -> Reply:
        """Read one order by its external id."""
        record = orders.by_id(call.world, call.params["id"])
        if record is None or call.account.number not in (None, record["members"]["account"]):
            raise Refused("unknown-order")
        return Reply(200, orders.shown(record))

    def send_event(self, call: Call) -> Reply:
        """Keep what is reported about a parcel; of an order it is taken and forgotten."""
        account = call.body.get("account")
        number = account if isinstance(account, int | float) and not isinstance(account, bool) else None
        _hold_account(call, "/account", number)
        stories.report(call.world, call.body, number or call.account.number)
        return Reply(204)


def _decoded(token: str) -> str:
    """Take a token out of Base64; empty when it is not in it."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _hold_account(call: Call, place: str, number: float | None) -> None:
    """Refuse an account number that the credential is not for."""
    if number is not None and call.account.number not in (None, number):
        raise Refused("foreign-account", place=place, account=int(number))


def _changed(call: Call, found: dict[str, Any] | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Merge a body into an order or a new one, carry its mutations out, and keep the result.

    Everything that is wrong is collected first, so that one refusal tells all of it and nothing is written.
    """
    world, body = call.world, call.body
    record = orders.merged(found or orders.blank(world, body), body)
    draft = mutations.Draft(world, record)
    outcomes = mutations.carry_out(draft, body.get("mutations", ()))
    problems = (*orders.problems(world, record, body, found), *draft.problems)
    if problems:
        raise Refused(problems[0].keyword, problems=problems)
    orders.save(world, record, found)
    for tracking in record["trackings"]:
        world.parcel(tracking["tracking_number"])
    return record, outcomes
