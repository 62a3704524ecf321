"""`wlra-dist report`: a page to look at, pictures, or tables for a paper, of whatever the other commands left."""

import argparse
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from wlra_dist.commands.arguments import add_data, add_plugins
from wlra_dist.errors import Exit, InputError
from wlra_dist.models.container import ENDING

if TYPE_CHECKING:
    from wlra_dist.report.pages.page import Page

EXAMPLE = "wlra-dist report runs/quickstart --open"

FORMATS = ("html", "markdown", "latex")


def declare(parser: argparse.ArgumentParser) -> None:
    about = "a directory of `run`, a sweep or `compare`, or the file of `optimum --out` or `compress`"
    parser.add_argument("run", type=Path, metavar="RUN", help=about)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="the page (default report.html, in RUN or here)")
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    parser.add_argument(
        "--format", choices=FORMATS, default="html", help="html, a page; or all tables as Markdown or LaTeX, printed"
    )
    add_data(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Writes the page, or prints the tables; its exit code."""
    from wlra_dist.report.pages.page import FORMATS

    page = _page(options)
    text = FORMATS[options.format](page)
    if options.format != "html" and options.out is None:
        print(text, end="")
        return Exit.OK
    file = options.out or (options.run / "report.html" if options.run.is_dir() else Path("report.html"))
    file.write_text(text, encoding="utf-8")
    print(f"{page.first_line}\n{file}: {len(text.encode()):,} bytes")
    if options.open:
        webbrowser.open(file.absolute().as_uri())
    return Exit.OK


def _page(options: argparse.Namespace) -> "Page":
    """The page of whatever is there."""
    run: Path = options.run
    if (run / "record.json").is_file():
        from wlra_dist.report.pages.of_run import page_of_run

        return page_of_run(run, options.data, options.plugin)
    if (run / "sweep.json").is_file():
        from wlra_dist.report.pages.of_many import page_of_sweep

        return page_of_sweep(run)
    if (run / "comparison.json").is_file():
        from wlra_dist.report.pages.of_many import page_of_comparison

        return page_of_comparison(run)
    if run.suffix in (ENDING, ".json") and run.is_file():
        from wlra_dist.report.pages.of_one import page_of_model, page_of_optimum

        return page_of_model(run) if run.suffix == ENDING else page_of_optimum(run)
    raise InputError(f"{run}: expected what `run`, `compare`, `optimum --out` or `compress` left, found none of these")
