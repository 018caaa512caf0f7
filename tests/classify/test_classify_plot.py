import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.quality.curves import precision_recall, reliability
from monitor.classify.quality.plot import precision_recall_svg, reliability_svg

SVG = "{http://www.w3.org/2000/svg}"
judged = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60)


def of(pairs):
    truths, scores = zip(*pairs, strict=True)
    truths, scores = np.array(truths, dtype=bool), np.array(scores)
    return precision_recall(truths, scores, scores >= 0.5), reliability(truths, scores).bins


def texts(svg):
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def places(svg):
    """Every coordinate that something is drawn at, as (axis, number)."""
    for node in ET.fromstring(svg).iter():
        for axis, names in (("x", ("x", "x1", "x2", "cx")), ("y", ("y", "y1", "y2", "cy"))):
            yield from ((axis, float(node.attrib[name])) for name in names if name in node.attrib)
        for numbers in re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", node.get("d", "") + node.get("points", "")):
            yield from zip("xy", map(float, numbers), strict=True)


@given(judged, st.integers(1, 4))
def test_all_that_is_drawn_is_on_the_paper(pairs, panels):
    curve, bins = of(pairs)
    svgs = [reliability_svg({str(n): bins for n in range(panels)})]
    svgs += [precision_recall_svg({str(n): curve for n in range(panels)})] if curve else []
    for svg in svgs:
        root = ET.fromstring(svg)
        limits = {"x": 480.0, "y": float(root.attrib["height"])}
        assert root.attrib["viewBox"] == f"0 0 480 {root.attrib['height']}"
        assert all(-0.1 <= place <= limits[axis] + 0.1 for axis, place in places(svg))


def test_the_number_of_items_of_each_bin_is_written_under_it():
    truths = np.array([True] * 3 + [False] * 1_250)
    svg = reliability_svg({"returns": reliability(truths, np.array([0.95] * 3 + [0.05] * 1_250)).bins})
    written = texts(svg)
    assert {"3", "1.2k", "1,253 items", "returns", "mean score", "share of positives"} <= set(written)
    assert written.count("0") >= 8


def test_the_point_of_the_lines_is_marked_with_its_numbers():
    curve, _ = of([(True, 0.9)] * 3 + [(True, 0.1)] + [(False, 0.7)])
    svg = precision_recall_svg({"policy": curve})
    written = texts(svg)
    assert {"policy", "precision 0.75", "recall 0.75", "recall", "precision", "share of positives 0.80"} <= set(written)
    x, y = max((float(dot.get("cx")), float(dot.get("cy"))) for dot in ET.fromstring(svg).iter(f"{SVG}circle"))
    ticks = {
        (node.get("text-anchor"), node.text): (float(node.get("x")), float(node.get("y")))
        for node in ET.fromstring(svg).iter(f"{SVG}text")
    }
    left, right = ticks["middle", "0"][0], ticks["middle", "1"][0]
    low, high = ticks["end", "0"][1], ticks["end", "1"][1]
    assert (x - left) / (right - left) == pytest.approx(0.75, abs=0.002)
    assert (y - low) / (high - low) == pytest.approx(0.75, abs=0.02)


def test_where_nothing_is_found_no_point_is_marked():
    curve, _ = of([(True, 0.3), (False, 0.1)])
    assert not list(ET.fromstring(precision_recall_svg({"a": curve})).iter(f"{SVG}circle"))


def test_a_label_is_text_and_nothing_is_fetched():
    curve, bins = of([(True, 0.9), (False, 0.1)])
    for svg in (precision_recall_svg({"<script>&": curve}), reliability_svg({"<script>&": bins})):
        assert "<script>&" in texts(svg)
        assert "script" not in {node.tag.removeprefix(SVG) for node in ET.fromstring(svg).iter()}
        assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
        assert "url(" not in svg
        assert "href" not in svg
        assert "prefers-color-scheme:dark" in svg


def test_the_drawing_says_what_it_shows_to_who_does_not_see_it():
    curve, bins = of([(True, 0.9), (False, 0.1)])
    title = ET.fromstring(precision_recall_svg({"returns": curve})).find(f"{SVG}title")
    assert title.text == "precision over recall: returns (average precision 1.00)"
    assert "returns" in ET.fromstring(reliability_svg({"returns": bins})).find(f"{SVG}title").text
