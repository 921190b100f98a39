"""Addresses of things on the network: what is one, and how one is shown."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


def is_address(text: str) -> bool:
    """Tell an address (http://..., rtsp://...) from a path."""
    return _ADDRESS.match(text) is not None


def without_password(address: str) -> str:
    """Return the address with its password (scheme://user:password@host) masked: it goes into records and pictures."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    user, at, host = host.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{':***' if ':' in user else ''}{at}{host}{slash}{path}"
