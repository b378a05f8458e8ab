"""Certificates made up for a test, and a server on this machine that shows them."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)


def write_certificate(
    folder: Path, host: str = "127.0.0.1", *, age: timedelta = DAY, life: timedelta = 3 * DAY
) -> Path:
    """A self-signed certificate with its key, in one PEM file.

    Args:
        folder: where the file is written.
        host: an IP address that it is for.
        age: how long it has been valid; negative for the future.
        life: how long it is valid.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a shop")])
    begins = datetime.now(UTC) - age
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *kind)
    )
    return file


class _Shop(BaseHTTPRequestHandler):
    """Answers with an empty list."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class _Server(ThreadingHTTPServer):
    """A server that takes a failed handshake for what it is."""

    def handle_error(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def serve_tls(certificate: Path, clients: Path | None = None) -> Iterator[str]:
    """Serves a shop without customers over TLS; gives its origin.

    Args:
        certificate: the certificate of the shop.
        clients: the certificate that a client must show.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    with _Server(("127.0.0.1", 0), _Shop) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)
