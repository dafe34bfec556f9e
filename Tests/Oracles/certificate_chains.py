"""Certificate chains, good and bad, for HTTPClientTrustTests: the input line is a folder to fill.

Answers one line with the cases: for each a folder with what a server sends (`server.pem`,
`key.pem`, and `chain.pem` if there are more certificates) and `bundle.pem`, what a client trusts.
"""

import datetime
import ipaddress
import json
import pathlib
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def named(text, kind=_ASN1Type.UTF8String, organization=None):
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, text, _type=kind)]
    if organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def certificate(
    subject,
    key,
    issuer,
    issuer_key,
    *,
    ca=True,
    path_length=None,
    begin=-2,
    end=1,
    extra=(),
    digest=None,
):
    """A certificate; names are texts or names, times are days from now."""
    subject, issuer = (named(n) if isinstance(n, str) else n for n in (subject, issuer))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + begin * DAY)
        .not_valid_after(NOW + end * DAY)
        .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=True)
    )
    for extension, is_critical in extra:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(issuer_key, digest or hashes.SHA256())


def root(name="Root", key=None, **options):
    key = key or new_key()
    return certificate(name, key, name, key, **options), key


def leaf(issuer, issuer_key, address="127.0.0.1", **options):
    """A server's certificate, and its key."""
    key = options.pop("key", None) or new_key()
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    extra = [(names, False), *options.pop("extra", ())]
    return certificate("server", key, issuer, issuer_key, ca=False, extra=extra, **options), key


def pem(*certificates):
    return b"".join(one.public_bytes(PEM) for one in certificates)


def with_weak_digest(digest, key, name, options=(), by=None):
    """A certificate that openssl signs over a digest which the library no longer takes."""
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        (folder / "key.pem").write_bytes(private(key))
        request = ["req", "-new", "-key", "key.pem", "-subj", f"/CN={name}", "-out", "request.pem"]
        command = ["x509", "-req", "-in", "request.pem", f"-{digest}", "-days", "1"]
        if by:
            (folder / "by.pem").write_bytes(pem(by[0]) + private(by[1]))
            command += ["-CA", "by.pem", "-set_serial", "1"]
        else:
            command += ["-signkey", "key.pem"]
        (folder / "extensions").write_text("\n".join(options))
        command += ["-extfile", "extensions", "-out", "certificate.pem"]
        for arguments in (request, command):
            subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
        return x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())


def private(key):
    """A private key as PKCS #8."""
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def cases():
    """Name, what the server sends, its key, and the bundle."""
    top, top_key = root()
    other, _ = root("Other")
    ours, key = leaf("Root", top_key)
    middle_key = new_key()
    middle = certificate("Middle", middle_key, "Root", top_key)
    low, low_key = leaf("Middle", middle_key)

    yield "root", [ours], key, pem(top)
    yield "root among others", [ours], key, pem(other, top, *(root(f"R{n}")[0] for n in range(5)))
    yield "root sent as well", [ours, top], key, pem(top)
    yield "root sent but not trusted", [ours, top], key, pem(other)
    yield "another authority", [ours], key, pem(other)
    yield "intermediate", [low, middle], low_key, pem(other, top)
    yield "intermediate missing", [low], low_key, pem(top)
    yield "intermediate in the bundle", [low], low_key, pem(top, middle)
    yield "intermediate sent and in the bundle", [low, middle], low_key, pem(middle, other, top)
    yield "intermediate alone in the bundle", [low], low_key, pem(other, middle)
    yield "leaf alone in the bundle", [low], low_key, pem(low)
    yield "chain out of order", [low, top, middle], low_key, pem(top)

    expired_middle = certificate("Middle", middle_key, "Root", top_key, end=-1)
    yield "intermediate expired", [low, expired_middle], low_key, pem(top)
    yield (
        "intermediate expired, valid in the bundle",
        [low, expired_middle],
        low_key,
        pem(top, middle),
    )
    late, late_key = leaf("Root", top_key, end=-1)
    yield "leaf expired", [late], late_key, pem(top)
    early, early_key = leaf("Root", top_key, begin=0.5)
    yield "leaf not yet valid", [early], early_key, pem(top)
    far, far_key = leaf("Root", top_key, address="127.0.0.2")
    yield "another host", [far], far_key, pem(top)
    alone, alone_key = leaf("server", key, key=key)
    yield "self-signed", [alone], alone_key, pem(top)
    yield "self-signed and trusted", [alone], alone_key, pem(top, alone)

    old, _ = root(key=top_key, end=-1)
    older, _ = root(key=top_key, end=-1.5)
    new, _ = root(key=top_key, begin=0.5)
    for name, bundle in {
        "root expired": [old],
        "root expired, then valid": [old, top],
        "root valid, then expired": [top, old],
        "roots expired": [old, older],
        "roots expired, the later last": [older, old],
        "root not yet valid": [new],
        "root not yet valid, expired, valid": [new, old, top],
        "root twice": [top, top],
    }.items():
        yield name, [ours], key, pem(*bundle)

    namesake, _ = root()
    yield "namesake", [ours], key, pem(namesake)
    yield "namesake before", [ours], key, pem(namesake, other, top)
    yield "namesake behind", [ours], key, pem(top, other, namesake)
    yield "namesakes, expired", [ours], key, pem(namesake, old, top)

    # The old authority signs the new one's key.
    elder, elder_key = root("Elder")
    crossed = certificate("Root", top_key, "Elder", elder_key)
    stale = certificate("Root", top_key, "Elder", elder_key, end=-1)
    for name, bundle in {
        "cross-signed, both trusted": [elder, top],
        "cross-signed, the old one trusted": [elder],
        "cross-signed, the new one trusted": [other, top],
        "cross-signed, none trusted": [other],
        "cross-signed, it is in the bundle": [crossed, elder],
        "cross-signed, it alone is in the bundle": [crossed],
    }.items():
        yield name, [low, middle, crossed], low_key, pem(*bundle)
    yield "cross-signed and expired, both trusted", [low, middle, stale], low_key, pem(elder, top)
    yield "cross-signed and expired, the old one", [low, middle, stale], low_key, pem(elder)
    yield (
        "cross-signed by an expired one",
        [low, middle, crossed],
        low_key,
        pem(root("Elder", key=elder_key, end=-1)[0], top),
    )

    plain, kinds = "Root of  Trust", _ASN1Type
    for name, (issuer, subject) in {
        "of another kind": (named(plain), named(plain, kinds.PrintableString)),
        "in Teletex": (named("Zoe Root"), named("zoe root", kinds.T61String)),
        "in Numeric": (named("2026 1"), named("20261", kinds.NumericString)),
        "in Visible": (named("Root"), named("root", kinds.VisibleString)),
        "in BMP": (named("Zoë Root"), named("zoë  ROOT", kinds.BMPString)),
        "in Universal": (named("Root"), named("Root", kinds.UniversalString)),
        "in another case": (named(plain), named("ROOT of  trust")),
        "of other letters' case": (named("Zoë"), named("ZOË")),
        "with other white space": (named(plain), named(" Root of\tTrust  ")),
        "without white space": (named(plain), named("RootofTrust")),
        "with an organization": (named("A", organization="O"), named("A", organization="o")),
        "with less": (named("A", organization="O"), named("A")),
        "with an accent more": (named("Zoe"), named("Zoë")),
    }.items():
        own_key = new_key()
        mine, mine_key = leaf(issuer, own_key)
        yield f"name {name}", [mine], mine_key, pem(top, root(subject, key=own_key)[0])

    lines = pem(other, top)
    yield "CRLF", [ours], key, lines.replace(b"\n", b"\r\n")
    yield "no last line break", [ours], key, lines.rstrip()
    commented = b"# Other\n\n" + pem(other) + b"\n  Root:\n\t====\n" + pem(top) + b"end\n"
    yield "comments", [ours], key, commented
    yield "a private key besides", [ours], key, lines + private(key)
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(named("Root"))
        .last_update(NOW)
        .next_update(NOW + DAY)
        .sign(top_key, hashes.SHA256())
    )
    yield "a revocation list besides", [ours], key, lines + revoked.public_bytes(PEM)
    yield "an older form", [ours], key, lines.replace(b" CERTIFICATE", b" X509 CERTIFICATE")
    yield (
        "trusted, without a purpose",
        [ours],
        key,
        lines.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE"),
    )
    yield (
        "long lines",
        [ours],
        key,
        lines.replace(b"\n", b"")
        .replace(b"-----BEGIN CERTIFICATE-----", b"\n-----BEGIN CERTIFICATE-----\n")
        .replace(b"-----END CERTIFICATE-----", b"\n-----END CERTIFICATE-----\n"),
    )
    yield "nothing", [ours], key, b""
    yield "no certificate", [ours], key, b"no PEM\n"
    yield "a block cut short", [ours], key, pem(top) + pem(other)[:200]
    yield "a block with no base64", [ours], key, pem(top) + pem(other).replace(b"MII", b"M!!", 1)
    yield (
        "a block with no certificate",
        [ours],
        key,
        pem(top) + (b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"),
    )
    yield (
        "an empty block",
        [ours],
        key,
        pem(top) + (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    )

    def limited(*networks):
        permitted = [x509.IPAddress(ipaddress.ip_network(network)) for network in networks]
        return [(x509.NameConstraints(permitted, None), True)]

    yield (
        "root for these hosts",
        [ours],
        key,
        pem(root(key=top_key, extra=limited("127.0.0.0/8"))[0]),
    )
    yield (
        "root for other hosts",
        [ours],
        key,
        pem(root(key=top_key, extra=limited("10.0.0.0/8"))[0]),
    )
    yield (
        "root for other hosts, then for all",
        [ours],
        key,
        pem(root(key=top_key, extra=limited("10.0.0.0/8"))[0], top),
    )
    yield "root that is no authority", [ours], key, pem(root(key=top_key, ca=False)[0])
    yield (
        "root for no intermediate",
        [low, middle],
        low_key,
        pem(root(key=top_key, path_length=0)[0]),
    )
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    yield (
        "root with an unknown extension",
        [ours],
        key,
        pem(root(key=top_key, extra=[(unknown, True)])[0]),
    )
    identified = [(x509.AuthorityKeyIdentifier(b"1" * 20, None, None), False)]
    mine, mine_key = leaf("Root", top_key, extra=identified)
    for name, digits in {"same": b"1", "other": b"2"}.items():
        marked = [(x509.SubjectKeyIdentifier(digits * 20), False)]
        yield (
            f"root with the {name} key identifier",
            [mine],
            mine_key,
            pem(root(key=top_key, extra=marked)[0]),
        )

    big = rsa.generate_private_key(65537, 2048)
    small = rsa.generate_private_key(65537, 1024)
    for name, own_key, digest in (
        ("RSA", big, hashes.SHA256()),
        ("RSA of 1024 bits", small, hashes.SHA256()),
        ("P-384", ec.generate_private_key(ec.SECP384R1()), hashes.SHA384()),
        ("P-521", ec.generate_private_key(ec.SECP521R1()), hashes.SHA512()),
    ):
        mine, mine_key = leaf("Root", own_key)
        yield f"root with {name}", [mine], mine_key, pem(other, root(key=own_key, digest=digest)[0])
    mine, mine_key = leaf("Root", big)
    for digest in ("md5", "sha1"):
        authority = with_weak_digest(digest, big, "Root", ["basicConstraints=critical,CA:TRUE"])
        yield f"root with {digest}", [mine], mine_key, pem(authority)
        names = ["subjectAltName=IP:127.0.0.1"]
        weak = with_weak_digest(digest, key, "server", names, (authority, big))
        yield f"leaf with {digest}", [weak], key, pem(authority)


def main():
    folder = pathlib.Path(json.loads(sys.stdin.readline()))
    names = []
    for number, (name, sent, key, bundle) in enumerate(cases()):
        place = folder / str(number)
        place.mkdir()
        (place / "server.pem").write_bytes(pem(sent[0]))
        if len(sent) > 1:
            (place / "chain.pem").write_bytes(pem(*sent[1:]))
        (place / "key.pem").write_bytes(private(key))
        (place / "bundle.pem").write_bytes(bundle)
        names.append(name)
    print(json.dumps(names))


main()
