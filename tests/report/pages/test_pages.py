"""The five kinds of pages: self-contained, escaped, small; nothing is cut off on a desk or on a telephone."""

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.made import compressed, low_rank, saved
from tests.record.recorded_runs import record_small
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.game import Entry
from wlra_dist.report.pages.of_many import page_of_sweep
from wlra_dist.report.pages.page import MOST_ROWS, Page, PageTable, Section, as_html, as_latex, as_markdown
from wlra_dist.report.pictures import sequence
from wlra_dist.report.pictures.canvas import sheet
from wlra_dist.report.pictures.run import draw_parties
from wlra_dist.studies.sweep_points import POINTS, keep, recall

HOSTILE = "<script>alert('x')</script> & \"quoted\" | _under_"
MOST = 2_000_000
"""Bytes of a page."""

WIDTHS = (1200, 390)
"""Pixels of a desk's window, and of a telephone."""

SWEEP = """
about = "six games"
instance = {kind = "lower_bound", s = 8, r = 2, k = 1}
game = {servers = 1}
protocol = {name = "one_way"}
sweep = {s = [8, 16, 32], r = [1, 2]}
"""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By kind, what a command left."""
    place = tmp_path_factory.mktemp("left")
    A, W = low_rank(12, 10, 2), np.random.default_rng(0).uniform(0.5, 1, (12, 10))
    np.save(place / "A.npy", A)
    np.save(place / "W.npy", W)
    (place / "six.toml").write_text(SWEEP)
    model = saved({HOSTILE: low_rank(30, 20, 2), "bias": np.ones(20, np.float32)}, place / "m.safetensors")
    compressed(model, place / "m.wlra", loss=0.01)
    small = ["--set", "n=40", "--set", "d=24", "--set", "s=6", "--set", "k=2"]
    for words in (
        ["run", str(place / "six.toml"), "--out", str(place / "six")],
        ["compare", "comparison", *small, "--protocols", "raw,one_round", "--out", str(place / "both")],
        ["optimum", str(place / "A.npy"), str(place / "W.npy"), "-k", "2", "--out", str(place / "optimum.json")],
    ):
        assert main(words) == Exit.OK
    return {
        "run": record_small("quickstart", place), "sweep": place / "six", "comparison": place / "both",
        "optimum": place / "optimum.json", "model": place / "m.wlra",
    }  # fmt: skip


@pytest.fixture(scope="module")
def pages(left: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By kind, the page that `wlra-dist report` makes."""
    place = tmp_path_factory.mktemp("pages")
    for kind, file in left.items():
        assert main(["report", str(file), "-o", str(place / f"{kind}.html")]) == Exit.OK
    return {kind: place / f"{kind}.html" for kind in left}


def test_a_page_asks_no_network_and_says_what_there_is(pages: dict[str, Path]):
    expected = {"run": "Ã, what became of A", "sweep": "6 games", "comparison": "LB"}
    expected |= {"optimum": "gap", "model": "2 tensors"}
    for kind, page in pages.items():
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href|url\()\s*=?\s*["'(]?(https?:|//|file:)|@import""", text.replace("xmlns", ""))
        assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
        assert text.count("<svg") == text.count("<svg xmlns") == text.count('role="img"') > 0
        assert expected[kind] in text
        assert not re.search("#000000|#ffffff", text), "ink and paper are the page's own, which are others in the dark"
        assert len(text) < MOST


def test_names_out_of_files_are_escaped(
    pages: dict[str, Path], left: dict[str, Path], capsys: pytest.CaptureFixture[str]
):
    text = pages["model"].read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    for form, mark in (("markdown", r"\<script\>"), ("latex", r"\_under\_")):
        assert main(["report", str(left["model"]), "--format", form]) == Exit.OK
        assert mark in capsys.readouterr().out
    page = Page(HOSTILE, HOSTILE, [Section(HOSTILE, HOSTILE, grids=[PageTable([HOSTILE], [[HOSTILE]])], text=HOSTILE)])
    assert "<script>alert" not in as_html(page)
    assert as_html(page).count(escape("<script>alert")) >= 7


def test_a_table_for_a_paper_has_every_row_and_a_page_says_what_it_leaves_out():
    page = Page("t", "line", [Section("s", grids=[PageTable(["a", "b"], [[i, i / 7] for i in range(MOST_ROWS + 5)])])])
    assert as_markdown(page).count("\n| ") == MOST_ROWS + 7
    assert as_latex(page).count(r" \\") == MOST_ROWS + 6
    assert r"\begin{tabular}{rr}" in as_latex(page)
    assert "5 more rows" in as_html(page)


def test_the_scenario_on_the_page_makes_the_same_words(pages: dict[str, Path], left: dict[str, Path], tmp_path: Path):
    text = unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", pages["run"].read_text(encoding="utf-8"), re.DOTALL)[-1])
    (tmp_path / "again.toml").write_text(text, encoding="utf-8")
    assert main(["run", str(tmp_path / "again.toml"), "--out", str(tmp_path / "again")]) == Exit.OK
    one, two = (json.loads((run / "record.json").read_text())["digest"] for run in (left["run"], tmp_path / "again"))
    assert one == two


def messages(servers: int, rounds: int = 1) -> list[dict[str, Any]]:
    same = {"receiver": "coordinator", "label": "C, X", "bits": 12, "parts": {"header": 2, "C": 10}}
    return [same | {"sender": f"server {i}", "round": r} for r in range(rounds) for i in range(servers)]


@pytest.mark.parametrize(
    ("servers", "lines", "count"),
    [(1, 2, 1), (sequence.LINES, sequence.LINES + 1, sequence.LINES), (10_000, sequence.LINES + 1, sequence.LINES)],
)
def test_a_sequence_of_many_parties_keeps_every_bit(servers: int, lines: int, count: int):
    found = sequence.arrows(messages(servers), "coordinator")
    assert len({name for arrow in found for name in arrow[:2]}) == lines
    assert len(found) == count
    assert sum(arrow.bits for arrow in found) == 12 * servers
    assert sum(arrow.messages for arrow in found) == servers


def test_the_profile_of_10_000_servers_is_small(tmp_path: Path):
    entries = [Entry(i, 1, f"server {i}", "coordinator", "C", 0, {"C": i, "header": 3}, 1, 0) for i in range(10_000)]
    with sheet(tmp_path / "profile.svg", 640, 440) as figure:
        draw_parties(figure.subplots(), entries, {"model": "message-passing"})
    assert (tmp_path / "profile.svg").stat().st_size < MOST / 4


def test_hovering_tells_the_parts_of_each_arrow_that_is_drawn(tmp_path: Path):
    found = sequence.arrows(messages(2, 40), "coordinator")
    sequence.draw(found, "coordinator", tmp_path / "s.svg")
    tips = sequence.hints(found)
    text = (tmp_path / "s.svg").read_text()
    assert len(tips) == sequence.ARROWS
    assert all(f'id="{mark}"' in text for mark in tips)
    assert "header 2, C 10" in tips["say-0"]


def test_a_sweep_of_300_games_is_a_small_page(left: dict[str, Path], tmp_path: Path):
    (one, *_) = sorted((left["sweep"] / POINTS).glob("*.json"))
    facts = recall(left["sweep"], one.stem)
    assert facts is not None
    for s in range(1, 301):
        keep(tmp_path, f"{s:03}", facts | {"swept": {"s": s, "r": 2}, "bits": 7 * s})
    shutil.copy(left["sweep"] / "sweep.json", tmp_path)
    text = as_html(page_of_sweep(tmp_path))
    assert text.count("<tr>") >= 300
    assert len(text.encode()) < MOST


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "other.json").write_text('{"k": 1}')
    for path in (tmp_path, tmp_path / "other.json"):
        assert main(["report", str(path)]) == Exit.INPUT
        assert "expected what" in capsys.readouterr().err


LOOK = """<script>
const all = "html, body, section, table, td, th, p, pre, figure, svg, nav";
const over = one => one.getBoundingClientRect().right > innerWidth + 1;
const cut = [...document.querySelectorAll(all)]
  .filter(one => over(one) || one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1);
const heads = [...document.querySelectorAll("th")];
heads[0].querySelector("button").click();
const found = {page: document.title, width: innerWidth, cut: cut.map(one => one.outerHTML.slice(0, 80)),
  buttons: heads.every(head => head.querySelector("button")), sorted: heads[0].getAttribute("aria-sort")};
parent.postMessage(JSON.stringify(found), "*");
</script></body>"""

LISTEN = """<meta charset="utf-8"><pre id="all"></pre><script>
const all = [];
addEventListener("message", it => { all.push(it.data); document.getElementById("all").textContent = all.join("\\n"); });
</script>"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium here")
def test_nothing_is_cut_off_in_a_browser_at_either_width(pages: dict[str, Path], tmp_path: Path):
    seen = {kind: page.read_text(encoding="utf-8") for kind, page in pages.items()}
    seen["too wide"] = seen["optimum"].replace("<main>", '<main><p style="width: 2000px; max-width: none">wide</p>')
    frames = [LISTEN]
    for kind, text in seen.items():
        (tmp_path / f"{kind}.html").write_text(text.replace("</body>", LOOK), encoding="utf-8")
        frames += [
            f'<iframe src="{kind}.html" style="width:{width}px;height:900px;border:0"></iframe>' for width in WIDTHS
        ]
    (tmp_path / "frames.html").write_text("".join(frames), encoding="utf-8")
    lines: list[str] = []
    for attempt in range(3):  # a busy machine may not have drawn all frames when chromium ends
        lines = browsed(tmp_path / "frames.html", tmp_path / f"profile{attempt}").splitlines()
        if len(lines) == len(seen) * len(WIDTHS):
            break
    found = [json.loads(line) for line in lines]
    assert len(found) == len(seen) * len(WIDTHS)
    assert {one["width"] for one in found} == set(WIDTHS)
    assert all(one["buttons"] and one["sorted"] == "ascending" for one in found)
    cut = {(one["page"], one["width"]): one["cut"] for one in found if one["cut"]}  # frames answer in any order
    assert cut.keys() == {("optimum: an optimum enclosed", width) for width in WIDTHS}, cut


def browsed(page: Path, profile: Path) -> str:
    """What chromium makes of the page's first <pre>."""
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    words += [f"--user-data-dir={profile}", page.as_uri()]
    dom = subprocess.run(["chromium", *words], capture_output=True, text=True, timeout=100, check=True).stdout
    return unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", dom, re.DOTALL)[0])
