"""The documentation site: the pages of this folder, and the public face as it documents itself."""

from typing import Any

import wlra_dist

project = "wlra_dist"
version = release = wlra_dist.__version__
html_theme = "furo"
html_title = f"wlra_dist {release}"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3
autodoc_typehints = "description"
of_sklearn = (f"set_{method}_request" for method in ("fit", "partial_fit", "score", "transform", "inverse_transform"))
autodoc_default_options = {"members": True, "exclude-members": ",".join(of_sklearn)}
napoleon_use_ivar = True
suppress_warnings = ["misc.highlighting_failure"]  # `…` in console blocks is no shell


def bars(_app: object, _what: str, _name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """|A_ij| in a docstring is an absolute value, and no substitution."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", bars, priority=400)
