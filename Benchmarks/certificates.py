"""A chain as AWS's endpoints have one (RSA: a root, an intermediate, a leaf), and two bundles to
trust it by: its root alone, and the system's roots with it behind them."""

import datetime
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

SYSTEM_BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


class Chain:
    """Certificates for 127.0.0.1 in a folder, valid for a day."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        root, intermediate, leaf = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)
        )
        own_root = certificate("Benchmark Root", root, "Benchmark Root", root, authority=True)
        middle = certificate(
            "Benchmark Authority", intermediate, "Benchmark Root", root, authority=True
        )
        own_leaf = certificate("127.0.0.1", leaf, "Benchmark Authority", intermediate)
        self.root = folder / "root.pem"
        self.root.write_bytes(pem(own_root))
        self.system = folder / "system.pem"
        self.system.write_bytes(SYSTEM_BUNDLE.read_bytes() + pem(own_root))
        key = leaf.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        served = folder / "served.pem"
        served.write_bytes(pem(own_leaf) + pem(middle) + key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(served)


def certificate(name, key, issuer, issuer_key, authority=False):
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        address = x509.IPAddress(ipaddress.ip_address(name))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
