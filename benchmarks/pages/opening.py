"""How large pages of large games are, and how soon chromium has opened them.

    python -m benchmarks.pages.opening

The page of a played game with 10 000 servers, and that of a sweep of 300 games, in a window and on a telephone's width,
in the light and in the dark. Exit code 1 where one has 2 MB or its load event comes after 2 s.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from wlra_dist.commands.main import main as wlra_dist

MOST_BYTES, MOST_SECONDS = 2_000_000, 2.0

MANY = """
about = "ten thousand servers with a column each"
instance = {kind = "synthetic", n = 8, d = 10000, k = 1, r = 1, weights = "ones", noise = 0.1}
game = {servers = 10000}
protocol = {name = "raw"}
"""

SWEEP = """
about = "three hundred small games"
instance = {kind = "lower_bound", s = 8, r = 2, k = 1}
game = {servers = 2}
protocol = {name = "one_round"}
[sweep]
s = [4, 8, 12, 16, 20]
r = [1, 2, 3]
k = [1, 2, 3, 4]
"instance.seed" = [0, 1, 2, 3, 4]
"""

WINDOWS = {"a desk": (1200, 900), "a telephone": (500, 900)}
"""Pixels; chromium makes no window narrower than 500."""

DARK = "--blink-settings=preferredColorScheme=0"

TIMED = """<pre id="opened"></pre><script>
addEventListener("load", () => { document.getElementById("opened").textContent = performance.now(); });
</script></body>"""


def pages(place: Path) -> Iterator[Path]:
    """Plays, and makes the pages."""
    for name, scenario in {"many": MANY, "sweep": SWEEP}.items():
        (place / f"{name}.toml").write_text(scenario, encoding="utf-8")
        page = place / f"{name}.html"
        for words in (["run", str(place / f"{name}.toml"), "--out"], ["report"]):
            if wlra_dist([*words, str(place / name), *(["-o", str(page)] if words == ["report"] else [])]):
                raise SystemExit(f"wlra-dist {words[0]} failed")
        yield page


def opened(page: Path, window: tuple[int, int], *looks: str) -> float:
    """Seconds from navigation to the load event."""
    timed = page.with_suffix(".timed.html")
    timed.write_text(page.read_text(encoding="utf-8").replace("</body>", TIMED), encoding="utf-8")
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size={},{}".format(*window), *looks, "--dump-dom"]
    profile = f"--user-data-dir={page.parent / 'profile'}"
    run = subprocess.run(["chromium", *words, profile, timed.as_uri()], capture_output=True, text=True, check=True)
    return float(unescape(re.findall(r'<pre id="opened">(.*?)</pre>', run.stdout)[0])) / 1000


def main() -> int:
    missed = False
    with TemporaryDirectory() as place:
        for page in pages(Path(place)):
            size = page.stat().st_size
            for name, window in WINDOWS.items():
                for looks in ([], [DARK]):
                    seconds = opened(page, window, *looks)
                    missed |= size >= MOST_BYTES or seconds > MOST_SECONDS
                    print(f"{page.stem}: {size:,} bytes, opened on {name} in {seconds:.2f} s", *looks, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
