"""The files of each how-to page, copied into an empty folder, run as the page says, against a pretend store."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.docs.page import ROOT, Fence, read_blocks, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.loopback import Loopback

SERVING = re.compile(r"running on (http://[\d.:]+)")
CELERY = """
import tasks
saved = []
tasks.save = lambda shop, customers: saved.extend(customers)
tasks.app.conf.task_always_eager = True
tasks.copy_customers.delay("acme")
print(len(saved), len({customer["id"] for customer in saved}))
"""
DJANGO = """
import runpy
from django.conf import settings
shown = {name: value for name, value in runpy.run_path("settings.py").items() if name.isupper()}
settings.configure(**shown, SECRET_KEY="test", ALLOWED_HOSTS=["*"], SHOPS={"acme": %s})
import django
django.setup()
from django.test import Client
client = Client()
listed = client.get("/shops/acme/customers").json()["result"]
print(len(listed), client.get(f"/shops/acme/customers/{listed[0]['id']}").json()["id"] == listed[0]["id"])
print(client.get("/shops/acme/customers/999999").status_code)
"""


def copy_files(page: str, folder: Path) -> None:
    """Writes the files that a page shows: each block names its file after the language."""
    files = {
        fence.info.partition(" ")[2]: fence.text
        for fence in read_blocks(read_page(page))
        if isinstance(fence, Fence) and fence.info.startswith("python ")
    }
    assert files
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"no {package}: pip install {package}")


@pytest.fixture
def environment(loopback: Loopback) -> dict[str, str]:
    """The variables that the pages read, for the account of a pretend store."""
    account = loopback.account("woocommerce")
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SHOP_URL": account.context["store_url"],
        "SHOP_KEY": account.credentials["consumer_key"],
        "SHOP_SECRET": account.credentials["consumer_secret"],
        "SHOP_API_ROOT": str(account.base_url),
        "BROKER_URL": "memory://",
        "CURSOR_KEY": "a secret of the test",
    }


def run(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serve(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Runs the application of a folder; gives its address."""
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines: list[str] = []
        try:
            for line in process.stderr:
                lines.append(line)
                match = SERVING.search(line)
                if match:
                    yield match[1]
                    return
            pytest.fail("".join(lines))
        finally:
            process.terminate()


def test_the_fastapi_application_serves_a_store(tmp_path: Path, environment: dict[str, str]) -> None:
    copy_files("docs/how-to/fastapi.md", tmp_path)

    with serve(tmp_path, environment) as origin, httpx.Client(base_url=origin, trust_env=False) as http:
        page = http.get("/shops/acme/customers").json()
        next_page = http.get("/shops/acme/customers", params={"cursor": page["next_cursor"]}).json()
        (first, *_) = page["result"]
        found = http.get("/shops/acme/customers", params={"email": first["emails"][0]["email"]}).json()
        record = http.get(f"/shops/acme/customers/{first['id']}").json()
        statuses = [http.get(path).status_code for path in ("/shops/acme/customers/999999", "/shops/nobody/customers")]
        schema = http.get("/openapi.json").json()

    ids = {customer["id"] for customer in (*page["result"], *next_page["result"])}
    assert (page["result_count"], len(ids)) == (50, 100)
    assert found["result"] == [first]
    assert record["name"] == first["name"]
    assert statuses == [404, 404]
    assert "Page_Customer_" in schema["components"]["schemas"]


def test_the_celery_tasks_copy_a_whole_store(tmp_path: Path, environment: dict[str, str], loopback: Loopback) -> None:
    needs("celery")
    copy_files("docs/how-to/celery.md", tmp_path)

    saved, ids = map(int, run(tmp_path, environment, "-c", CELERY).split())

    assert saved == ids > 100


def test_the_django_views_serve_a_store(tmp_path: Path, environment: dict[str, str], loopback: Loopback) -> None:
    needs("django")
    copy_files("docs/how-to/django.md", tmp_path)
    shop = loopback.sandbox.account_arguments("woocommerce", loopback.origin)

    lines = run(tmp_path, environment, "-c", DJANGO % repr(dict(shop))).splitlines()

    assert lines == ["50 True", "404"]


def test_the_tests_of_the_page_pass(tmp_path: Path, environment: dict[str, str]) -> None:
    copy_files("docs/how-to/pytest.md", tmp_path)

    shown = run(tmp_path, environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", ".")

    assert "5 passed" in shown
