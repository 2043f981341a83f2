"""The official client asks a real server: over HTTP, over standard input to its database, and over standard input to the
server elsewhere."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from urllib.request import urlopen

import anyio
import pytest
from support.cast import Cast
from support.tokens import token_of

from feedback import migrations
from feedback.config import read_settings
from feedback.db.engine import connect


@pytest.fixture
def instance(tmp_path, clock):
    """A server's folder, with the cast in its database and a meeting that was answered: (environment, tokens)."""
    env = {**os.environ, "FEEDBACK_INSTANCE": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("FEEDBACK_DATABASE_URL", None)
    settings = read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    db = connect(settings.database_url, settings.keys, pooled=False)
    migrations.migrate(db)
    from datetime import UTC, datetime

    clock.now = datetime.now(UTC)
    cast = Cast(db, clock)
    cast.add_organisation("Doughnut Partners", "olive")
    cast.add("carol", "manager", "North")
    cast.add("alice", "rep", "North")
    met = cast.meeting()
    cast.answer(met, 1)
    tokens = {name: token_of(cast, name) for name in ("alice", "carol")}
    db.dispose()
    return env, tokens


@contextmanager
def serving(env):
    """Serve the folder; gives the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "feedback", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address, deadline = f"http://127.0.0.1:{port}", monotonic() + 30
        while True:
            try:
                urlopen(f"{address}/healthz").close()
                break
            except OSError:
                assert monotonic() < deadline
                sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


async def ask(transport) -> tuple[set[str], dict, bool]:
    """Return the tools that a client is offered, the board, and whether nonsense is refused."""
    from mcp import Client

    async with Client(transport) as client:
        offered = {tool.name for tool in (await client.list_tools()).tools}
        board = await client.call_tool("board", {})
        nonsense = await client.call_tool("board", {"week": "soon"})
        assert client.server_capabilities.prompts is None
        return offered, board.structured_content, nonsense.is_error


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_official_client_asks_in_every_way(instance, db):
    from httpx2 import AsyncClient
    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamable_http_client

    env, tokens = instance
    here = {**env, "FEEDBACK_API_TOKEN": tokens["carol"]}

    def command(*more: str):
        return stdio_client(
            StdioServerParameters(command=sys.executable, args=["-m", "feedback", "mcp", *more], env=here)
        )

    async def over_http(address: str):
        async with AsyncClient(headers={"Authorization": f"Bearer {tokens['carol']}"}) as http:
            return await ask(streamable_http_client(f"{address}/mcp", http_client=http))

    asked = (
        (over_http, lambda at: at),
        (ask, lambda _: command()),
        (ask, lambda at: command("--address", at)),
    )
    # In a thread of its own, for in this one a browser's loop may run.
    with serving(env) as address, ThreadPoolExecutor(1) as apart:
        answers = [apart.submit(anyio.run, way, to(address)).result() for way, to in asked]
    for offered, board, refused in answers:
        assert {"board", "relationship_brief", "alerts", "today", "find_contact", "start_meeting"} == offered
        assert [row["rep"] for row in board["rows"]] == ["Alice"]
        assert refused


def test_command_without_a_token_says_what_is_missing(tmp_path):
    env = {**os.environ, "FEEDBACK_INSTANCE": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "feedback", "mcp"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "a token is needed" in done.stderr
