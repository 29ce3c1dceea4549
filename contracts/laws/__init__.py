"""Laws that hold for any API whose document declares its lists and links: they compare answers with answers and need no model.

A filtered list is the matching part of the whole, a limit its beginning, its pages a partition. What was created is listed and read,
what was deleted is not, and the same PUT twice leaves what one leaves. A value is taken up to the edge of its schema and no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contracts import bodies
from contracts.caller import Caller
from contracts.laws import lists
from contracts.laws.edges import values_end_where_the_schema_says, values_end_where_the_schema_supposes
from contracts.laws.links import a_put_twice_is_a_put_once, what_is_created_can_be_read, what_is_deleted_is_read_no_longer
from contracts.laws.making import links_by, maker_of
from contracts.listing import Listing, listings
from contracts.promises import Check, Promise, formal
from sandbox.document import at
from sandbox.spec import Operation, Spec

_IDEMPOTENT = "RFC 9110, 9.2.2 says so of PUT"


def promises(spec: Spec) -> tuple[Promise, ...]:
    """List the laws that a document's lists and links make, each as a promise about its operations."""
    of_lists = [law for found in listings(spec) for law in _of_a_list(spec, found)]
    of_links = [law for maker in spec.operations.values() for law in _of_links(spec, maker)]
    return (*of_lists, *of_links)


def of_bodies(spec: Spec) -> tuple[Promise, ...]:
    """List the laws of what a document's bodies may hold, for each operation that shows one."""
    return tuple(law for operation in spec.operations.values() for law in _of_a_body(spec, operation))


def _of_a_list(spec: Spec, found: Listing) -> Iterator[Promise]:
    whole = found.inferred.get("items")
    for law, role in lists.LAWS:
        if getattr(found, role):
            yield _promise(spec, partial(law, found), (found.operation,), found.inferred.get(role) or whole)
    maker = maker_of(spec, found)
    if maker is None:
        return
    yield _promise(spec, partial(lists.what_is_created_is_listed, found, maker), (found.operation, maker), whole)
    for link in links_by(spec, maker, "DELETE"):
        operations = (found.operation, maker, spec.operations[link.leads_to])
        yield _promise(spec, partial(lists.what_is_deleted_is_listed_no_longer, found, link), operations, whole)


def _of_links(spec: Spec, maker: Operation) -> Iterator[Promise]:
    readers = tuple(links_by(spec, maker, "GET"))
    if readers:
        reading_all = (spec.operations[reader.leads_to] for reader in readers)
        yield _promise(spec, partial(what_is_created_can_be_read, readers), (maker, *reading_all))
    for reader in readers[:1]:
        reading = spec.operations[reader.leads_to]
        for link in links_by(spec, maker, "DELETE"):
            yield _promise(spec, partial(what_is_deleted_is_read_no_longer, reader, link), (maker, spec.operations[link.leads_to], reading))
        for link in links_by(spec, maker, "PUT"):
            yield _promise(spec, partial(a_put_twice_is_a_put_once, reader, link), (spec.operations[link.leads_to], reading), _IDEMPOTENT)
        if maker.method == "PUT":
            yield _promise(spec, partial(a_put_twice_is_a_put_once, reader, None), (maker, reading), _IDEMPOTENT)


def _of_a_body(spec: Spec, operation: Operation) -> Iterator[Promise]:
    if operation.body and operation.body.examples and bodies.is_json(next(iter(operation.body.media), None)):
        yield _promise(spec, partial(values_end_where_the_schema_says, operation), (operation,))
        yield _promise(spec, partial(values_end_where_the_schema_supposes, operation), (operation,), "as the rules say that it tries")


def _promise(spec: Spec, check: partial[None], operations: tuple[Operation, ...], inferred: Any = None) -> Promise:
    """Make a promise of a law: documented where its first operation is, inferred for a reason or where no page speaks of that.

    Of one law no two promises begin with the same operation: runs and reports name them by it.
    """

    def checked(caller: Caller) -> None:
        check(caller)

    law: Callable[..., None] = check.func
    checked.__name__, checked.__doc__ = law.__name__, law.__doc__
    judged = operations[0]
    node = at(spec.tree, judged.where)
    named = node.get("x-source", node.get("externalDocs", {}).get("url", ""))
    source = named if isinstance(named, str) else next(iter(named), "")
    names = tuple(dict.fromkeys(operation.id for operation in operations))
    made: Check = formal(checked)
    return Promise(made, names, judged.where, "" if inferred else source, inferred=bool(inferred) or not source)
