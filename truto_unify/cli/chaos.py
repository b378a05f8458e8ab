"""``chaos``: a proxy on this machine that plants faults between a client and a store."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.cli import output
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from truto_unify.chaos import ChaosServer, PlantedFault

_EXAMPLES = r"""
truto-unify chaos https://shop.example/wp-json/wc/v3 --fault reset=0.1 --fault storm=0.05
truto-unify chaos https://shop.example/api --share 0.3 --seed 7 --path '/customers$'
truto-unify chaos https://shop.example/api --tls expired --certificate chaos.pem
truto-unify chaos --list
"""
_TLS_FAULTS = ("self-signed", "expired", "not-yet-valid", "wrong-host", "no-handshake")


@click.command("chaos", epilog=f"\b{_EXAMPLES}")
@click.argument("base_url", required=False)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME=SHARE",
    help="Strikes this share of the requests, from 0 to 1; repeatable. Default: all faults alike.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="The share of the requests that is struck if no --fault is named.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed strikes other requests.")
@click.option("--path", default="", metavar="REGEX", help="Strikes only requests whose path matches.")
@click.option("--port", default=8766, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option("--tls", type=click.Choice(_TLS_FAULTS), help="Speaks TLS, with this fault on every connection.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --tls: writes the certificate to this file, for a client that shall trust it.",
)
@click.option("--list", "is_listing", is_flag=True, help="Prints all faults and ends.")
def chaos_command(base_url: str | None, is_listing: bool, port: int, certificate: Path | None, **options: Any) -> None:
    """Proxies BASE_URL on 127.0.0.1 and plants faults, which it prints one by one.

    Give the address that it prints to a client as the base URL of the store. The same requests in the same order get
    the same faults.
    """
    if is_listing:
        _print_faults()
        return
    if base_url is None:
        raise click.UsageError("name the base URL of the store, or print the faults with --list")
    server = _make_server(base_url, options)
    if certificate is not None:
        if server.certificate is None:
            raise click.UsageError("--certificate needs --tls with a fault of a certificate")
        certificate.write_bytes(server.certificate.certificate)
    try:
        asyncio.run(_serve(server, port))
    except KeyboardInterrupt:
        _print_counts(server)


def _make_server(base_url: str, options: dict[str, Any]) -> ChaosServer:
    from truto_unify.chaos import Chaos, ChaosServer

    shares = _read_shares(options["faults"]) if options["faults"] else _share_evenly(options["share"])
    chaos = Chaos(shares, seed=options["seed"], path=options["path"], on_fault=_print_fault)
    return ChaosServer(chaos, base_url, tls=options["tls"])


def _read_shares(texts: tuple[str, ...]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for text in texts:
        name, _, share = text.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            raise InvalidInput(f'"{text}" names no share; write for example "{name}=0.1"') from None
    return shares


def _share_evenly(share: float) -> dict[str, float]:
    from truto_unify.chaos import FAULTS

    names = [name for name, fault in FAULTS.items() if not fault.needs_transport]
    return dict.fromkeys(names, share / len(names))


def _print_fault(planted: PlantedFault) -> None:
    sys.stdout.write(f"{planted}\n")
    sys.stdout.flush()


def _print_faults() -> None:
    from truto_unify.chaos import FAULTS

    for fault in FAULTS.values():
        note = " (not by a proxy)" if fault.needs_transport else ""
        click.echo(f"{fault.name:16} {fault.group:11} {fault.summary}{note}")


async def _serve(server: ChaosServer, port: int) -> None:
    async with server.running(port) as origin:
        output.note(f"{origin} leads to {server.target}; stop with Ctrl-C")
        await asyncio.Event().wait()


def _print_counts(server: ChaosServer) -> None:
    counts = Counter(planted.fault for planted in server.chaos.planted)
    total = f"{server.chaos.count} requests, {counts.total()} faults"
    output.note(": ".join([total, ", ".join(f"{name} {count}" for name, count in counts.most_common())]).rstrip(": "))
