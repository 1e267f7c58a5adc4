"""Listening ahead: what is done of a running clip, passed on from the provider while the rest is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from studio.audio import files
from studio.keys import KeyUnreadable
from studio.models import Clip
from studio.musicapi import ApiError
from studio.work.providers import client_for

# Each listener holds a thread of the web server for as long as the provider sends.
LISTENERS = 3
LONGEST_S = 240.0
MAX_BYTES = 32 * 1024 * 1024
_places = threading.BoundedSemaphore(LISTENERS)


class NoPreview(Exception):
    """There is nothing to hear yet. The message is for the musician."""


class Preview:
    """The bytes of a preview as they come; `close` lets go of the provider and of the listener's place."""

    def __init__(self, head: bytes, rest: Iterator[bytes], content_type: str) -> None:
        self.content_type = content_type
        self._head, self._rest = head, rest
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        yield from self._rest

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            _close(self._rest)
            _places.release()


def open_preview(clip: Clip) -> Preview:
    """What the provider streams of a running `clip`. Close it. Raises NoPreview.

    Only audio is passed on: the address is the provider's word, and must not lead to other things in here.
    """
    if clip.state != Clip.State.RUNNING or not clip.preview_url:
        raise NoPreview("Nothing of this take can be heard ahead of time now.")
    if not _places.acquire(blocking=False):
        raise NoPreview("Too many people are listening ahead right now. The finished take is on its way.")
    rest: Iterator[bytes] = iter(())
    try:
        client = client_for(clip.task.connection)
        rest = client.relay(clip.preview_url, max_bytes=MAX_BYTES, deadline_s=LONGEST_S)
        head = _head(rest)
        kind = files.sniff(head)
        if kind is None:
            raise NoPreview("The provider has nothing to hear of this take yet.")
        return Preview(head, rest, kind.media_type)
    except (ApiError, KeyUnreadable) as error:
        _places.release()
        raise NoPreview("The provider cannot be heard ahead of time now.") from error
    except BaseException:
        _close(rest)
        _places.release()
        raise


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= files.HEAD_BYTES:
            break
    return head


def _close(pieces: Iterator[bytes]) -> None:
    close = getattr(pieces, "close", None)
    if close:
        close()
