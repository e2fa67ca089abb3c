"""How a page is made from its template."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.evaluation.report.results import percent, points
from vocation.evaluation.report.sections import number

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_SHARED = Path(__file__).parent


def write_page(page: Path, folder: Path, template: str, content: Mapping[str, Any]) -> None:
    """Writes a page, whole or not at all.

    Args:
        page: the HTML file.
        folder: of its templates; those of the report are found as well.
        template: name of the template.
        content: what it fills in.

    Raises:
        OSError: the page cannot be written.
    """
    html = _environment(folder).get_template(template).render(content)
    temporary = page.with_name(f".{page.name}.partial")
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(page)


def _environment(folder: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _code
    environment.filters["percent"] = percent
    environment.filters["points"] = points
    environment.filters["count"] = number
    environment.filters["interval"] = lambda part: f"[{percent(part['low'])}, {percent(part['high'])}]"
    environment.filters["difference_interval"] = lambda part: f"[{points(part['low'])}, {points(part['high'])}]"
    return environment


def _code(text: str) -> Markup:
    """Escaped text in which what stands in backticks is code."""
    from markupsafe import Markup, escape

    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # One that is not closed.
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(piece) if place % 2 else piece for place, piece in enumerate(pieces))
