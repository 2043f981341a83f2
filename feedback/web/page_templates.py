"""Templates that let go of what a page was given as soon as it is written.

A macro knows the variables of its template, and they know the macro. In such a circle everything that a page was given,
all rows of a board among it, stayed in memory until the collector came across it.
"""

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from flask import Flask
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

_variables: ContextVar[list[MutableMapping[str, Any]] | None] = ContextVar("variables", default=None)


class PageContext(Context):
    """The variables of a template, noted by the page that they are made for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        noted = _variables.get()
        if noted is not None:
            noted += self.vars, self.parent


class PageTemplate(Template):
    """A template whose variables, and those of whatever it includes, are gone once it is rendered."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        noted: list[MutableMapping[str, Any]] = []
        outer = _variables.set(noted)
        try:
            return super().render(*args, **kwargs)
        finally:
            _variables.reset(outer)
            for variables in noted:
                variables.clear()

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Return the macros of a template that is imported without a page's variables: they stay for every page."""
        outer = _variables.set(None)
        try:
            return super()._get_default_module(ctx)
        finally:
            _variables.reset(outer)


def install_page_templates(app: Flask) -> None:
    """Render every template so."""
    app.jinja_env.template_class = PageTemplate
    app.jinja_env.context_class = PageContext
