"""Makes the certificates of TLS faults: self-signed, expired, for another host."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truto_unify.errors import InvalidEnvironment

_HOST = "127.0.0.1"
_OTHER_HOST = "192.0.2.1"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FaultyCertificate:
    """A certificate that signs itself.

    Attributes:
        certificate: as PEM. A client that trusts it sees the fault in its dates or its host; to any other client the
            certificate is self-signed.
        context: of a server that shows it.
    """

    certificate: bytes
    context: ssl.SSLContext


def make_certificate(fault: str) -> FaultyCertificate:
    """A certificate with a fault.

    Args:
        fault: ``self-signed``, ``expired``, ``not-yet-valid`` or ``wrong-host``.

    Raises:
        InvalidEnvironment: the library that makes certificates is not installed.
    """
    try:
        from cryptography import x509  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - an extra
        from cryptography.x509.oid import NameOID  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = 'faults of TLS need "cryptography": install it with  pip install "truto-unify[server]"'
        raise InvalidEnvironment(message) from None
    begins = datetime.now(UTC) + {"expired": -3 * _DAY, "not-yet-valid": _DAY}.get(fault, -_DAY)
    host = ipaddress.ip_address(_OTHER_HOST if fault == "wrong-host" else _HOST)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chaos")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + 2 * _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(host)]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return FaultyCertificate(certificate, _context(certificate + key.private_bytes(serialization.Encoding.PEM, *form)))


def _context(chain: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.pem"
        file.write_bytes(chain)
        context.load_cert_chain(file)
    return context
