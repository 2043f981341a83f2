"""Serve an application as the product serves itself, with one process: benchmarks/serve.py MODULE:NAME PORT."""

import importlib
import sys
from functools import partial
from typing import Any

from flask import Flask

from feedback.serving.bridge import Beforehand, Bridge
from feedback.serving.processes import Serving, beforehand_of, granian_server
from feedback.web.bodies import largest_body
from feedback.web.limits import network_of_head


def load(target: str) -> Any:
    """The application at MODULE:NAME; a factory is called."""
    module, _, name = target.partition(":")
    found = getattr(importlib.import_module(module), name)
    return found() if name.startswith("create") else found


def main() -> None:
    app, serving = (
        load(sys.argv[1]),
        Serving("127.0.0.1", int(sys.argv[2]), workers=1, threads=2, with_worker=False),
    )
    server = granian_server(serving)
    beforehand = (
        beforehand_of(app)
        if isinstance(app, Flask)
        else Beforehand(
            lambda method, path, _headers: largest_body(method, path), network_of_head(0), lambda _environ: {}
        )
    )
    server.serve(target_loader=partial(Bridge, app, beforehand, serving.threads), wrap_loader=False)


if __name__ == "__main__":
    main()
