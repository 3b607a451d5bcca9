"""Where an endpoint is, which model of it is meant, and the key that opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from engine.errors import MindError

OWN_KEY = "SOCIARIUM_KEY"
SHARED_KEY = "OPENAI_API_KEY"
LONGEST = 2000

_SHAPE = "write it as http://host:port/v1 or https://host/v1#model"


@dataclass(frozen=True, slots=True)
class Address:
    """The base of an endpoint, without a slash at its end, and the name of a model there ("" for the first)."""

    base: str
    model: str = ""
    is_here: bool = False
    """It is on this machine (loopback)."""
    is_sealed: bool = False
    """It is spoken to over TLS."""

    @staticmethod
    def of(text: str) -> Address:
        """Read `http://host:port/v1#model`. Raises MindError with the mend; a text with a key in it is not repeated."""
        if len(text) > LONGEST or not text.isprintable():
            raise MindError(f"the address of an endpoint has {len(text)} characters, or odd ones; {_SHAPE}")
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname or "", parts.port
        except ValueError as error:
            raise MindError(f"{text}: not the address of an endpoint ({error}); {_SHAPE}") from error
        if "@" in parts.netloc or parts.query:
            raise MindError(
                f"{parts.scheme}://{host}: the address holds a password or a query; put the key into {OWN_KEY} instead"
            )
        if parts.scheme not in ("http", "https") or not host or " " in text:
            raise MindError(f"{text}: not the address of an endpoint; {_SHAPE}")
        base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        return Address(base, parts.fragment, _is_loopback(host), parts.scheme == "https")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Key:
    """A key, which no message, log or `repr` shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        text = text.strip()
        if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
            raise MindError(f"the key for the endpoint is not one (spaces or odd characters); set {OWN_KEY} anew")
        self._text = text

    def __repr__(self) -> str:
        return "Key()" if not self._text else "Key(…)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a key is not written down")

    def headers(self) -> dict[str, str]:
        """Return the header that shows the key to the endpoint."""
        return {"Authorization": f"Bearer {self._text}"} if self._text else {}

    def hidden_in(self, text: str) -> str:
        """Return a text without the key."""
        return text.replace(self._text, "(the key)") if self._text else text


def find_key(address: Address, environment: Mapping[str, str], preferred: Callable[[], str]) -> Key:
    """Return the key: of SOCIARIUM_KEY, else of OPENAI_API_KEY, else of the preferences (empty for none).

    The key that is shared with other programs never goes over a network in the clear.
    """
    own = environment.get(OWN_KEY, "").strip()
    shared = environment.get(SHARED_KEY, "").strip() if address.is_sealed or address.is_here else ""
    return Key(own or shared or preferred())
