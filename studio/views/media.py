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
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from studio import access, links, vault
from studio.audio.files import BrokenAudio
from studio.library import stems, takeaway
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
    "audio/midi": "audio/midi",
    "video/mp4": "video/mp4",
    "video/webm": "video/webm",
}
# Fine inside <img>, but an address that opens as a page could show anything in our name.
NEVER_INLINE = {"image/svg+xml"}
# All but the provider's raw answer.
SENT_KINDS = set(Asset.Kind) - {Asset.Kind.ANSWER}
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
    found = clip.assets.filter(kind=Asset.Kind.PEAKS, name="").first()  # stems have theirs too
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
    assets = {one.kind: one for one in clip.assets.filter(kind__in=OF_SOURCE.values(), name="")}
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


@require_safe
@login_required
def stems_zip(request: HttpRequest, code: UUID, group: str) -> HttpResponseBase:
    """All stems that came home together, in one file that is written while it is sent."""
    clip = access.clip(request.user, code)
    found = next((one for one in stems.groups(clip.assets.all()) if one.code == group), None)
    if found is None:
        raise Http404
    gone = next((stem.asset for stem in found.stems if not vault.exists(stem.asset.key)), None)
    if gone is not None:
        return _missing(request, gone)
    sent = () if request.method == "HEAD" else stems.zipped(clip, found)
    response = StreamingHttpResponse(sent, content_type="application/zip")
    name = takeaway.file_name(clip, "zip", "stems")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def shared_file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A file for a provider, which has a signed address and no account here. `name` only shows the ending."""
    shared = links.find(token)
    if shared is None or not vault.exists(shared.key):
        raise Http404
    response = _shared_wav(request, shared, name) if shared.as_wav else _shared_bytes(request, shared, name)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _shared_bytes(request: HttpRequest, shared: links.Shared, name: str) -> HttpResponseBase:
    return RangedFileResponse(
        request,
        vault.open(shared.key),
        size_bytes=shared.size_bytes,
        etag=shared.key,
        content_type=TYPES.get(shared.content_type, "application/octet-stream"),
        name=name,
        is_whole=True,
    )


def _shared_wav(request: HttpRequest, shared: links.Shared, name: str) -> HttpResponseBase:
    copy = tempfile.NamedTemporaryFile(suffix=".wav")  # noqa: SIM115  (the response closes it)
    try:
        _write_wav(shared.key, Path(copy.name))
    except (BrokenAudio, OSError):
        copy.close()
        log.exception("%s cannot be copied as WAV", shared.key)
        raise Http404 from None
    return RangedFileResponse(
        request,
        copy,  # type: ignore[arg-type]
        size_bytes=Path(copy.name).stat().st_size,
        etag=hashlib.sha256(f"{shared.key} wav".encode()).hexdigest(),
        content_type="audio/wav",
        name=name,
        is_whole=True,
    )


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
        name=name or (takeaway.asset_name(found, found.clip) if is_saved else ""),
        is_download=is_saved,
    )


def _send_as_wav(request: HttpRequest, clip: Clip, found: Asset, offer: Offer) -> HttpResponseBase:
    """A copy made for this answer alone: it lies in a temporary file that goes when the answer is sent."""
    copy = tempfile.NamedTemporaryFile(suffix=".wav")  # noqa: SIM115  (the response closes it)
    try:
        _write_wav(found.key, Path(copy.name))
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


def _write_wav(key: str, target: Path) -> None:
    # The vault may be far away; a decoder needs a path.
    with vault.open(key) as stored, tempfile.NamedTemporaryFile(suffix=Path(key).suffix) as local:
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
