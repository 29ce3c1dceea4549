"""Promises of Billink: how it says no, for which reason, and that it tells all reasons at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, taken
from contracts.providers.billink.calls import (
    CREATE,
    FRAMEWORK,
    PAGE,
    PDF,
    REQUIRED,
    SCHEMAS,
    create,
    new,
    refused,
    send,
    signed,
    violations,
)

CREDENTIALS = ("billinkID", "billinkUsername")
VIOLATION = f"{SCHEMAS}/Violation"
PROBLEM = "application/problem+json"


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/required", source=PAGE)
def each_required_member_is_missed(caller: Caller) -> None:
    """A required member that is left out is a violation at its place, and the only one."""
    for name in (*CREDENTIALS, *REQUIRED):
        body = signed(caller, new(caller), name)
        violations(caller, caller.as_nobody().call("createTracker", body), [name], f"a create without {name}")


@promise("createTracker", where=f"{SCHEMAS}/NewTracker", inferred=True)
def a_blank_member_counts_as_missing(caller: Caller) -> None:
    """An empty required member is a violation at its place, with the code that a missing one has."""
    code = _code(caller, caller.as_nobody().call("createTracker", signed(caller, new(caller), "trackAndTrace")))
    for name in (*CREDENTIALS, "invoiceNumber", "trackAndTrace"):
        outcome = caller.as_nobody().call("createTracker", {**signed(caller, new(caller)), name: ""})
        found = violations(caller, outcome, [name], f"an empty {name}")
        same([violation["code"] for violation in found], [code], f"an empty {name} is not told as blank", outcome)


def _code(caller: Caller, outcome: Outcome) -> Any:
    refused(caller, outcome, "invalid")
    return outcome.at("/violations/0/code")


@promise("createTracker", where=f"{CREATE}/responses/422", source=PAGE)
def all_violations_are_told_at_once(caller: Caller) -> None:
    """Every member that breaks a rule is told in one answer, and no other."""
    bad: dict[str, Any] = {"billinkUsername": "", "carrierCode": "pigeon", "invoiceNumber": "a b"}
    outcome = caller.call("createTracker", {**new(caller), **bad})
    violations(caller, outcome, bad, "three members that break rules")
    everything = {**bad, "trackAndTrace": "", "media": [{"file": PDF}, {"file": "?", "fileName": "a.exe"}]}
    places = [*bad, "trackAndTrace", "media[1].file", "media[1].fileName"]
    violations(caller, caller.call("createTracker", everything), places, "six members that break rules")
    violations(caller, caller.as_nobody().call("createTracker", {}), [*CREDENTIALS, *REQUIRED], "an empty object")


@promise("createTracker", where=f"{CREATE}/responses/422", inferred=True)
def violations_of_type_come_with_the_others(caller: Caller) -> None:
    """A value of the wrong type is told together with what else is wrong, with a code of its own."""
    outcome = caller.call("createTracker", {**new(caller), "invoiceNumber": 1234, "carrierCode": "pigeon", "media": "none"})
    found = violations(caller, outcome, ["invoiceNumber", "carrierCode", "media"], "two wrong types and an unknown carrier")
    codes = {violation["propertyPath"]: violation["code"] for violation in found}
    same(codes["invoiceNumber"], codes["media"], "two wrong types have different codes", outcome)
    hold(codes["carrierCode"] != codes["media"], "a wrong type has the code of an unknown choice", got=codes, outcome=outcome)


@promise("createTracker", where=f"{SCHEMAS}/NewTracker", inferred=True)
def a_text_is_a_text(caller: Caller) -> None:
    """A number, a truth, null, an object or an array where a text belongs is refused at its place."""
    for name in REQUIRED:
        bad: Any
        for bad in (7, True, None, {}, ["x"]):
            violations(caller, send(caller, **{name: bad}), [name], f"{bad!r} as {name}")


@promise("createTracker", where=f"{VIOLATION}/properties/propertyPath", source=FRAMEWORK)
def a_place_in_a_list_is_told_by_its_index(caller: Caller) -> None:
    """What is wrong with a file is told by the file's index, from 0."""
    files = [{"file": PDF}, {"fileName": "label.pdf"}, {"file": PDF}, {"file": PDF, "fileName": "a.exe"}]
    violations(caller, send(caller, media=files), ["media[1].file", "media[3].fileName"], "two files of four that break a rule")
    violations(caller, send(caller, media=[{"file": PDF}, "label.pdf"]), ["media[1]"], "a file that is no object")


@promise("createTracker", where=f"{VIOLATION}/properties/code", source=FRAMEWORK)
def a_rule_has_one_code(caller: Caller) -> None:
    """The same rule has the same code at each place and each time; another rule has another."""
    blank = {_code(caller, send(caller, trackAndTrace="")), _code(caller, send(caller, billinkUsername=""))}
    choice = {_code(caller, send(caller, carrierCode=code)) for code in ("pigeon", "PostNL")}
    form = {_code(caller, send(caller, invoiceNumber="a b")), _code(caller, send(caller, media=[{"file": PDF, "fileName": "a.exe"}]))}
    kind = {_code(caller, send(caller, trackAndTrace=7)), _code(caller, send(caller, media={}))}
    for codes in (blank, choice, form, kind):
        same(len(codes), 1, f"one rule has several codes: {sorted(map(str, codes))}")
    same(len(blank | choice | form | kind), 4, "two rules have the same code")


@promise("createTracker", where=f"{SCHEMAS}/ValidationProblem/properties/detail", source=FRAMEWORK)
def the_detail_has_a_line_for_each_violation(caller: Caller) -> None:
    """`detail` sums up the violations, one line each: place, colon, message."""
    for given in ({"trackAndTrace": ""}, {"trackAndTrace": "", "carrierCode": "pigeon", "media": [{}]}):
        outcome = send(caller, **given)
        refused(caller, outcome, "invalid")
        lines = [f"{violation['propertyPath']}: {violation['message']}" for violation in outcome.at("/violations")]
        same(outcome.at("/detail"), "\n".join(lines), "the detail is not the violations", outcome)


@promise("createTracker", where=f"{SCHEMAS}/ValidationProblem/properties/type", source=FRAMEWORK)
def the_type_is_made_of_the_codes(caller: Caller) -> None:
    """`type` has the code of the one violation, or the codes of several, each with its index in front."""
    outcome = send(caller, trackAndTrace="")
    code = _code(caller, outcome)
    same(outcome.at("/type"), f"/validation_errors/{code}", "the type is not the code of the violation", outcome)
    outcome = send(caller, trackAndTrace="", carrierCode="pigeon", invoiceNumber="a b")
    refused(caller, outcome, "invalid")
    joined = ";".join(f"{index}={violation['code']}" for index, violation in enumerate(outcome.at("/violations")))
    same(outcome.at("/type"), f"/validation_errors/{joined}", "the type is not made of the codes", outcome)


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/properties/billinkID", source=PAGE)
def names_are_case_sensitive(caller: Caller) -> None:
    """`billinkId` is another name than `billinkID`, which is missing then; so with every other member."""
    nobody, whole = caller.as_nobody(), signed(caller, new(caller))
    for name, other in (("billinkID", "billinkId"), ("carrierCode", "CarrierCode"), ("trackAndTrace", "trackandtrace")):
        body = {(other if member == name else member): value for member, value in whole.items()}
        violations(caller, nobody.call("createTracker", body), [name], f"a create with {other} for {name}")


# --- who may, and for which order ----------------------------------------------------------------------------------------------


@promise("createTracker", where="/x-causes/access-denied", source=PAGE)
def wrong_credentials_are_denied(caller: Caller) -> None:
    """A merchant who is not known is denied with 403, not asked to sign in."""
    for text in ("wrong", "0" * 40, "' or 1=1 --"):
        outcome = send(caller.as_(text))
        refused(caller, outcome, "access-denied")
        hold("www-authenticate" not in outcome.answer.headers, "a denial asks for a header that this API does not have", outcome=outcome)


@promise("createTracker", where="/x-causes/access-denied", source=PAGE)
def credentials_count_in_the_body_only(caller: Caller) -> None:
    """Credentials in headers do not take the place of those in the body: these are missing then."""
    shown = caller.text or ""
    headers = {"authorization": f"Bearer {shown}", "billinkID": shown, "billinkUsername": "trackbed"}
    outcome = caller.as_nobody().call("createTracker", new(caller), headers=headers)
    violations(caller, outcome, CREDENTIALS, "a create with its credentials in headers")


@promise("createTracker", where=CREATE, inferred=True)
def wrong_credentials_go_before_violations(caller: Caller) -> None:
    """Who is not known learns nothing about the rest of the body."""
    refused(caller, send(caller.as_("wrong"), carrierCode="pigeon", trackAndTrace=""), "access-denied")
    refused(caller, send(caller.as_("wrong"), invoiceNumber=caller.scene["unknown_invoice"]), "access-denied")


@promise("createTracker", where=f"{CREATE}/x-causes/unknown-invoice", inferred=True)
def an_unknown_invoice_is_a_violation(caller: Caller) -> None:
    """An invoice that nobody has is told as a violation of `invoiceNumber` without a code, each time."""
    for _ in range(2):
        outcome = send(caller, invoiceNumber=caller.scene["unknown_invoice"])
        refused(caller, outcome, "unknown-invoice")
        found = outcome.at("/violations")
        same([violation["propertyPath"] for violation in found], ["invoiceNumber"], "the violation is not that of the invoice", outcome)
        same(found[0].get("code"), None, "an unknown invoice has a code", outcome)


@promise("createTracker", where=f"{CREATE}/x-causes/foreign-invoice", inferred=True)
def the_invoice_of_another_merchant_is_denied(caller: Caller) -> None:
    """An invoice of another merchant is denied with 403, each time."""
    for _ in range(2):
        refused(caller, send(caller, invoiceNumber=caller.scene["foreign_invoice"]), "foreign-invoice")


@promise("createTracker", where=CREATE, inferred=True)
def a_refused_create_leaves_the_next_alone(caller: Caller) -> None:
    """After refusals the same request, put right, is taken, and names the order that it always did."""
    order = create(caller)["orderId"]
    for bad in ({"carrierCode": "pigeon"}, {"media": [{"file": "?"}]}, {"trackAndTrace": None}):
        refused(caller, send(caller, **bad), "invalid")
    members(taken(send(caller), "a create after refusals").body, {"orderId": order, "media": []}, "the tracker")


# --- envelopes -------------------------------------------------------------------------------------------------------------------


def _refusals(caller: Caller, **headers: str) -> Iterator[tuple[str, Outcome]]:
    bodies: tuple[tuple[str, Any], ...] = (
        ("invalid", new(caller, carrierCode="pigeon")),
        ("unknown-invoice", new(caller, invoiceNumber=caller.scene["unknown_invoice"])),
        ("foreign-invoice", new(caller, invoiceNumber=caller.scene["foreign_invoice"])),
        ("malformed", b'{"billinkID": '),
    )
    for cause, body in bodies:
        yield cause, caller.call("createTracker", body, headers=headers)
    yield "access-denied", caller.as_("wrong").call("createTracker", new(caller), headers=headers)
    yield "media-type", caller.call("createTracker", new(caller), headers={**headers, "content-type": "text/plain"})


@promise("createTracker", where=f"{CREATE}/responses/422", source=FRAMEWORK)
def a_refusal_is_a_problem_whatever_is_accepted(caller: Caller) -> None:
    """Refusals are application/problem+json, also for a client that accepts application/json only."""
    for cause, outcome in _refusals(caller, accept="application/json"):
        refused(caller, outcome, cause)
        kind = outcome.answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        same(kind, PROBLEM, f"the media type of {cause} is wrong", outcome)


@promise("createTracker", where=f"{SCHEMAS}/ProblemMembers", source=PAGE)
def status_and_body_agree(caller: Caller) -> None:
    """A refusal has the HTTP status once more in its body, and no member of a tracker."""
    for cause, outcome in _refusals(caller):
        refused(caller, outcome, cause)
        same(outcome.at("/status"), outcome.status, f"the body of {cause} tells another status", outcome)
        hold(not {"id", "orderId", "result", "code"} & outcome.body.keys(), f"{cause} has members of another answer", outcome=outcome)


@promise("createTracker", where=f"{SCHEMAS}/TraceItem", inferred=True)
def a_trace_never_tells_arguments(caller: Caller) -> None:
    """A denial may come with a trace, in debug mode; it names functions, never what they were called with. A violation has none."""
    for cause, outcome in _refusals(caller):
        refused(caller, outcome, cause)
        trace = outcome.at("/trace", [])
        hold(trace == [] or outcome.status != 422, "a violation comes with a trace", got=trace, outcome=outcome)
        for step in trace:
            hold("function" in step and "args" not in step, "a step of a trace is not as it must be", got=step, outcome=outcome)


@promise("createTracker", where=CREATE, inferred=True)
def one_object_is_one_tracker(caller: Caller) -> None:
    """The body is one object: an array of them, a text or null is refused as a whole."""
    whole = signed(caller, new(caller))
    for bad in ([whole], [whole, whole], "tracker", 7, None):
        refused(caller, caller.as_nobody().call("createTracker", bad), "invalid")


PROMISES: tuple[Promise, ...] = (
    each_required_member_is_missed,
    a_blank_member_counts_as_missing,
    all_violations_are_told_at_once,
    violations_of_type_come_with_the_others,
    a_text_is_a_text,
    a_place_in_a_list_is_told_by_its_index,
    a_rule_has_one_code,
    the_detail_has_a_line_for_each_violation,
    the_type_is_made_of_the_codes,
    names_are_case_sensitive,
    wrong_credentials_are_denied,
    credentials_count_in_the_body_only,
    wrong_credentials_go_before_violations,
    an_unknown_invoice_is_a_violation,
    the_invoice_of_another_merchant_is_denied,
    a_refused_create_leaves_the_next_alone,
    a_refusal_is_a_problem_whatever_is_accepted,
    status_and_body_agree,
    a_trace_never_tells_arguments,
    one_object_is_one_tracker,
)
