"""The address of an ERP: which one is allowed, and what of it may be shown."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from erpsync.errors import TargetError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?|[0-9A-Fa-f:.]+(%\w+)?")
"""A name, in any script, or an address. Nothing that two readers of a url might take apart differently."""


def checked(url: str, where: str, *, insecure: bool) -> str:
    """The base address, without the slash at its end.

    Args:
        url: as declared.
        where: the target, for messages.
        insecure: whether plain http to another machine is fine, because the network is trusted.

    Raises:
        TargetError: it is no address, holds more than an address, or would send the password in the clear.
    """
    parts = _split(url)
    # What cannot be taken apart is not shown: any piece of it may be a password.
    if parts is None or parts.scheme not in ("https", "http"):
        raise TargetError("the url is not an address", where=where, hint="write it as https://HOST[:PORT]/")
    if "@" in parts.netloc:
        raise TargetError(
            "the url holds a username or a password",
            where=where,
            hint="take them out of the url; they belong into `credentials:`, as env:NAME or file:PATH",
        )
    if parts.query or parts.fragment:
        raise TargetError("the url goes on after its path", where=where, hint="end it before the ? or the #")
    if not (insecure or parts.scheme == "https" or is_plain_loopback(url)):
        raise TargetError(
            f"{url} would send the password unencrypted",
            where=where,
            hint="use https, or set `insecure: true` for the target if the network is trusted",
        )
    return url.rstrip("/")


def is_plain_loopback(url: str) -> bool:
    """Whether it is plain http to this machine, which must not leave it."""
    parts = _split(url)
    return parts is not None and parts.scheme == "http" and parts.hostname in LOOPBACK


def origin(url: str) -> str | None:
    """Scheme, host and port of an address that somebody else wrote; nothing where it has none."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("https", "http"):
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")


def _split(url: str) -> SplitResult | None:
    """The parts of an address whose host and port can be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if HOST.fullmatch(parts.hostname or "") else None
