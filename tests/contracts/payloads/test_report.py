"""How a run of payloads is told."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

from rich.console import Console

from contracts.payloads import report
from contracts.payloads.run import Result


def tally(*results: Result) -> report.Tally:
    found = report.Tally("shop", "http://127.0.0.1:9", 7)
    for result in results:
        found.add(result)
    return found


NASTY = Result(
    "shop.a.path:id:[/]", "[/bold] \x00 :id:", "readThing", "invalid", "otherwise", ("told [red] at path:id:",), 400, "\x1b]&<\x00", "/x"
)


def test_no_text_of_a_payload_is_taken_for_markup() -> None:
    out = io.StringIO()
    report.show(tally(NASTY), Console(file=out, emoji=False, width=200))
    assert "shop.a.path:id:[/]" in out.getvalue()
    assert "told [red] at path:id:" in out.getvalue()
    assert "0 of 1 payloads were answered as labelled" in out.getvalue()


def test_what_xml_cannot_hold_is_written_as_an_escape() -> None:
    skipped = Result("shop.b", "b", "readThing", "business", "not tried", ("it needs the sandbox",))
    root = ET.fromstring(report.junit(tally(NASTY, skipped, Result("shop.c", "c", "writeThing", "valid", "as labelled"))))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "1")
    assert [suite.get("name") for suite in root] == ["shop.readThing", "shop.writeThing"]
    (failure,) = root.iter("failure")
    assert (failure.get("message"), failure.text) == ("told [red] at path:id:", "[/bold] \\x00 :id:\nrule: /x\nanswer: \\x1b]&<\\x00")


def test_a_summary_counts_what_it_tells() -> None:
    assert tally(NASTY).summary()["counts"] == {"total": 1, "as_labelled": 0, "otherwise": 1, "not_tried": 0}
