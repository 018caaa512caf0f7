"""Certificates made for a test by the `openssl` command: one that is good, and those that no client should take."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
_GOOD, _PAST, _FUTURE = ("20200101000000Z", "21200101000000Z"), ("20200101000000Z", "20210101000000Z"), (
    "21000101000000Z", "21200101000000Z",
)  # fmt: skip
_AUTHORITY = """\
[ca]
default_ca = ours
[ours]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = anyone
x509_extensions = identified
unique_subject = no
copy_extensions = copy
[anyone]
commonName = supplied
[identified]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
"""
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificates:
    """What servers show, as contexts by name, and ``client``, which trusts the authority that signed the good one."""

    good: ssl.SSLContext
    bad: dict[str, ssl.SSLContext]
    client: ssl.SSLContext


def make(folder: Path) -> Certificates:
    """Make them all in a folder of their own; raises FileNotFoundError where there is no `openssl`."""
    (folder / "ca.cnf").write_text(_AUTHORITY, encoding="ascii")
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01", encoding="ascii")
    for name in ("ours", "stranger"):
        _openssl(
            folder, "req", "-x509", *_KEY, "-config", "ca.cnf", "-subj", f"/CN={name}", "-days", "36500",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", f"{name}.key", "-out", f"{name}.pem",
        )  # fmt: skip
    address = f"IP:{HOST}"
    client = ssl.create_default_context(cafile=str(folder / "ours.pem"))
    return Certificates(
        good=_signed(folder, "good", address),
        bad={
            "expired": _signed(folder, "expired", address, between=_PAST),
            "not yet valid": _signed(folder, "early", address, between=_FUTURE),
            "another's name": _signed(folder, "other", "DNS:bank.example"),
            "of an unknown authority": _signed(folder, "unknown", address, by="stranger"),
            "self-signed": _self_signed(folder, address),
        },
        client=client,
    )


def _signed(
    folder: Path, name: str, names: str, *, by: str = "ours", between: tuple[str, str] = _GOOD
) -> ssl.SSLContext:
    _openssl(
        folder, "req", "-new", *_KEY, "-config", "ca.cnf", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}",
        "-keyout", f"{name}.key", "-out", f"{name}.csr",
    )  # fmt: skip
    _openssl(
        folder, "ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", f"{by}.pem", "-keyfile", f"{by}.key",
        "-startdate", between[0], "-enddate", between[1], "-in", f"{name}.csr", "-out", f"{name}.pem",
    )  # fmt: skip
    return _served(folder, name)


def _self_signed(folder: Path, names: str) -> ssl.SSLContext:
    _openssl(
        folder, "req", "-x509", *_KEY, "-config", "ca.cnf", "-subj", "/CN=self", "-days", "36500",
        "-addext", f"subjectAltName={names}", "-keyout", "self.key", "-out", "self.pem",
    )  # fmt: skip
    return _served(folder, "self")


def _served(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
