from __future__ import annotations

import hashlib
import logging
import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio import access, vault
from studio.audio.files import BrokenAudio
from studio.library import takeaway
from studio.library.takeaway import Offer, Source
from studio.models import Asset, Clip
from studio.views.ranges import RangedFileResponse
from studio.work.previews import NoPreview, open_preview

log = logging.getLogger(__name__)

# What may be sent under its own type. Everything else is bytes to be saved, whatever a row or provider says.
TYPES = {
    **{media_type: media_type for media_type in takeaway.FORMATS},
    "image/jpeg": "image/jpeg",
    "image/png": "image/png",
    "image/webp": "image/webp",
    "image/svg+xml": "image/svg+xml",
    "application/json": "application/json",
}
# Fine inside <img>, but an address that opens as a page could show anything in our name.
NEVER_INLINE = {"image/svg+xml"}
SENT_KINDS = {Asset.Kind.AUDIO, Asset.Kind.LOSSLESS, Asset.Kind.COVER, Asset.Kind.PEAKS, Asset.Kind.TIMELINE}
OF_SOURCE = {
    Source.DELIVERED: Asset.Kind.AUDIO,
    Source.DELIVERED_AS_WAV: Asset.Kind.AUDIO,
    Source.LOSSLESS: Asset.Kind.LOSSLESS,
    Source.LOSSLESS_AS_WAV: Asset.Kind.LOSSLESS,
}
COPIED_AS_WAV = {Source.DELIVERED_AS_WAV, Source.LOSSLESS_AS_WAV}


@require_safe
@login_required
def asset(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """The stored bytes; `?download` saves them instead of playing or showing them."""
    found = access.asset(request.user, code)
    if found.kind not in SENT_KINDS:
        raise Http404
    return _send(request, found, is_download="download" in request.GET)


@require_safe
@login_required
def peaks(request: HttpRequest, code: UUID) -> HttpResponseBase:
    clip = access.clip(request.user, code)
    found = clip.assets.filter(kind=Asset.Kind.PEAKS).first()
    if found is None:
        raise Http404
    return _send(request, found)


@require_safe
@login_required
def preview(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """What is done of a running clip, as it comes; 404 when there is nothing to hear yet."""
    clip = access.clip(request.user, code)
    if request.method == "HEAD":
        return HttpResponse(status=200 if clip.preview_url else 404)
    try:
        heard = open_preview(clip)
    except NoPreview as error:
        raise Http404(str(error)) from error
    response = StreamingHttpResponse(heard, content_type=heard.content_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@login_required
def download(request: HttpRequest, code: UUID, kind: str) -> HttpResponseBase:
    clip = access.clip(request.user, code)
    assets = {one.kind: one for one in clip.assets.filter(kind__in=OF_SOURCE.values())}
    audio = assets.get(Asset.Kind.AUDIO)
    offers = takeaway.offers(audio.content_type if audio else None, Asset.Kind.LOSSLESS in assets)
    offer = next((one for one in offers if one.kind == kind), None)
    if offer is None:
        raise Http404
    found = assets[OF_SOURCE[offer.source]]
    name = takeaway.file_name(clip, offer.kind)
    if offer.source in COPIED_AS_WAV:
        return _send_as_wav(request, clip, found, offer)
    return _send(request, found, name=name, is_download=True)


def _send(
    request: HttpRequest, found: Asset, *, name: str = "", is_download: bool = False
) -> HttpResponseBase:
    try:
        source, size_bytes = vault.open(found.key), vault.size_bytes(found.key)
    except FileNotFoundError:
        return _missing(request, found)
    content_type = TYPES.get(found.content_type)
    is_saved = is_download or content_type is None or content_type in NEVER_INLINE
    return RangedFileResponse(
        request,
        source,
        size_bytes=size_bytes,
        etag=found.sha256,
        content_type=content_type or "application/octet-stream",
        name=name or (takeaway.file_name(found.clip, Path(found.key).suffix.lstrip(".")) if is_saved else ""),
        is_download=is_saved,
    )


def _send_as_wav(request: HttpRequest, clip: Clip, found: Asset, offer: Offer) -> HttpResponseBase:
    """A copy made for this answer alone: it lies in a temporary file that goes when the answer is sent."""
    copy = tempfile.NamedTemporaryFile(suffix=".wav")  # noqa: SIM115  (the response closes it)
    try:
        _write_wav(found, Path(copy.name))
    except FileNotFoundError:
        copy.close()
        return _missing(request, found)
    except (BrokenAudio, OSError):
        copy.close()
        log.exception("asset %s of clip %s cannot be copied as WAV", found.code, clip.code)
        return render(request, "clip/no_copy.html", {"clip": clip, "offer": offer}, status=503)
    return RangedFileResponse(
        request,
        copy,  # type: ignore[arg-type]
        size_bytes=Path(copy.name).stat().st_size,
        etag=hashlib.sha256(f"{found.sha256} wav".encode()).hexdigest(),
        content_type="audio/wav",
        name=takeaway.file_name(clip, offer.kind),
        is_download=True,
    )


def _write_wav(found: Asset, target: Path) -> None:
    # The vault may be far away; a decoder needs a path.
    with vault.open(found.key) as stored, tempfile.NamedTemporaryFile(suffix=Path(found.key).suffix) as local:
        _copy(stored, local.file)
        # Imported here: decoders and numpy would cost every start of the web server more than a second.
        from studio.audio import convert

        convert.to_wav(Path(local.name), target)


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    while chunk := source.read(1 << 20):
        target.write(chunk)
    target.flush()


def _missing(request: HttpRequest, found: Asset) -> HttpResponse:
    log.error("the vault lacks %s of clip %s: %s", found.kind, found.clip_id, found.key)
    return render(request, "clip/missing.html", {"asset": found}, status=404)
