"""What sonic answers at once about a clip. Each has exactly the documented keys: clients break on others."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from studio.offline import billing, planning
from studio.offline.accounts import account_of
from studio.offline.clips import file_url, take_of
from studio.offline.errors import Refusal, invalid, not_found
from studio.offline.models import Account, Job, Persona, Take
from studio.offline.orders import Draft, ask_price, job_of, paid, place
from studio.offline.reading import LONGEST_SOURCE_S, Body
from studio.offline.sonic.tasks import FAMILY
from studio.offline.wire import Answer, Call, Route, json_answer, json_fields

T = TypeVar("T")

VOX_MOST_S = 30.0
NAME_CHARS, STYLES_CHARS, DESCRIBE_CHARS, TAGS_CHARS = 79, 2000, 2000, 1000
NO_LYRICS = "clip not found or has no lyrics"
MIDI_NOT_READY = {"type": "not_ready", "error": "MIDI is not ready yet"}
FORMATS = ("mp3", "m4a", "wav")


def _asked_clip(call: Call) -> tuple[Account, Take, Body]:
    account = account_of(call.headers)
    body = Body(json_fields(call))
    return account, take_of(account, body.needed("clip_id"), family=FAMILY), body


def once(account: Account, take: Take, name: str, make: Callable[[], T]) -> T:
    """What `make` finds, charged the first time that this is asked of this clip."""
    mark = f"paid {name}"
    price = 0 if mark in take.about else ask_price(name)
    billing.check_funds(account, price)
    found = make()
    with transaction.atomic():
        fresh = Take.objects.select_for_update().get(pk=take.pk)
        if mark not in fresh.about:
            billing.charge(account.pk, price)
            fresh.about[mark] = True
            fresh.save(update_fields=["about"])
    return found


def bpm(call: Call) -> Answer:
    _, take, _ = _asked_clip(call)
    planning.need_engine()
    from studio.offline.sonic import reports

    average, lowest, highest = paid(call, ask_price("bpm"), lambda _: reports.tempo(take))
    data = {"avg_bpm": average, "max_bpm": highest, "min_bpm": lowest}
    return json_answer(200, {"code": 200, "message": "success", "data": data})


def vox(call: Call) -> Answer:
    _, take, body = _asked_clip(call)
    start_s, end_s = body.window("vocal_start_s", "vocal_end_s")
    length_s = take.duration_s or 0.0
    start_s = start_s or 0.0
    end_s = min(length_s, start_s + VOX_MOST_S) if end_s is None else end_s
    if end_s - start_s > VOX_MOST_S + 1e-6:
        raise invalid(f"The vocal window should be at most {VOX_MOST_S:g} seconds.")
    planning.need_engine()
    from studio.offline.sonic import reports

    vox_audio_id, kind = paid(call, ask_price("vox"), lambda _: reports.cut_voice(take, start_s, end_s))
    data = {
        "vox_audio_id": vox_audio_id,
        "status": "complete",
        "source_clip_id": str(take.clip_id),
        "vocal_start_s": start_s,
        "vocal_end_s": end_s,
        "wave_response": {},
        # Not documented, and harmless: so that the voice can be heard.
        "audio_url": file_url(take, kind, call.origin),
    }
    return json_answer(200, {"code": 200, "data": data, "message": "success"})


def wav(call: Call) -> Answer:
    _, take, _ = _asked_clip(call)
    planning.need_engine()
    from studio.offline.sonic import reports

    paid(call, ask_price("wav"), lambda _: reports.need_format(take, "wav"))
    return json_answer(200, {"message": "success", "data": {"wav_url": file_url(take, "wav", call.origin)}})


def download(call: Call) -> Answer:
    _, take, body = _asked_clip(call)
    formats = body.fields.get("formats")
    if not isinstance(formats, list) or not formats or any(one not in FORMATS for one in formats):
        raise invalid("The 'formats' field should be an array of 'mp3', 'm4a' and 'wav'.")
    planning.need_engine()
    from studio.offline.sonic import reports

    def made(_account: Account) -> None:
        for name in formats:
            reports.need_format(take, name)

    paid(call, ask_price("download"), made)
    files = [{"format": name, "file_url": file_url(take, name, call.origin)} for name in formats]
    return json_answer(200, {"code": 200, "data": {"files": files}, "message": "success"})


def midi(call: Call) -> Answer:
    """At once where the score is known; a recording is listened to on the render queue, once per clip."""
    account, take, _ = _asked_clip(call)
    planning.need_engine()
    from studio.offline.sonic import reports

    if reports.has_score(take):
        rows = once(account, take, "midi", lambda: reports.notes(take))
        return _midi_answer(take, rows, call)
    job = _heard_by(call, account, take)
    heard = job.takes.get()
    if job.state == Job.State.FAILED:
        Take.objects.filter(pk=heard.pk).delete()
        job.delete()
        raise Refusal(502, "upstream_error", f"{job.error} Credits have been refunded.")
    if job.state == Job.State.RUNNING:
        return json_answer(202, MIDI_NOT_READY)
    return _midi_answer(heard, reports.heard_notes(heard), call)


def _heard_by(call: Call, account: Account, take: Take) -> Job:
    """The task that listens to a recording, begun and charged when there is none."""
    known = Job.objects.filter(
        account=account, family=FAMILY, task_type="midi", request__clip_id=str(take.clip_id)
    ).first()
    if known is not None:
        return job_of(call, str(known.task_id), FAMILY)
    planning.need_pack("transcription")
    return place(
        call,
        family=FAMILY,
        task_type="midi",
        asked={"clip_id": str(take.clip_id)},
        drafts=[Draft({"do": "midi", "clip_id": str(take.clip_id)}, title=take.title)],
        price=ask_price("midi"),
    )


def _midi_answer(take: Take, instruments: list[dict[str, Any]], call: Call) -> Answer:
    data = {"midi_url": file_url(take, "mid", call.origin), "instruments": instruments}
    return json_answer(200, {"code": 200, "data": data, "message": "success"})


def aligned_lyrics(call: Call) -> Answer:
    try:
        account, take, _ = _asked_clip(call)
    except Refusal as refusal:
        raise not_found(NO_LYRICS) if refusal.status == 404 else refusal from None
    planning.need_engine()
    from studio.offline.sonic import reports

    def found() -> list[dict[str, Any]]:
        rows = reports.timeline(take)
        if not rows:
            raise not_found(NO_LYRICS)
        return rows

    rows = once(account, take, "aligned_lyrics", found)
    return json_answer(200, {"code": 200, "data": {"alignment": rows}, "message": "success"})


def upsample_tags(call: Call) -> Answer:
    account_of(call.headers)
    body = Body(json_fields(call))
    body.within("tags", TAGS_CHARS)
    tags = body.needed("tags")
    planning.need_engine()
    from studio.offline.sonic import reports

    line = paid(call, ask_price("upsample_tags"), lambda _: reports.richer(tags, secrets.randbelow(2**31)))
    return json_answer(200, {"code": 200, "message": "success", "data": {"upsampled_tags": line}})


def persona(call: Call) -> Answer:
    account = account_of(call.headers)
    body = Body(json_fields(call))
    # The older page's names for the same are taken too.
    name, clip_id = body.text("name"), body.text("clip_id") or body.text("continue_clip_id")
    if not name or not clip_id:
        raise invalid("name and clip_id are required fields.")
    body.within("name", NAME_CHARS, "name")
    styles = body.within("styles", STYLES_CHARS)
    description = body.within("describe", DESCRIBE_CHARS) or body.within("description", DESCRIBE_CHARS)
    start_s, end_s = body.window("vocal_start_s", "vocal_end_s")
    for moment in ("vocal_start_s", "vocal_end_s"):
        body.number(moment, 0, LONGEST_SOURCE_S)
    take = take_of(account, clip_id, family=FAMILY)
    planning.need_engine()
    from studio.offline.sonic import reports

    where = reports.Where(start_s, end_s, body.text("vox_audio_id"))
    parameters = paid(call, ask_price("persona"), lambda _: reports.singer(take, name, where))
    made = Persona.objects.create(
        account=account, name=name, description=description, styles=styles, parameters=parameters
    )
    return json_answer(200, {"code": 200, "persona_id": str(made.persona_id), "message": "success"})


ROUTES: tuple[Route, ...] = tuple(
    ("POST", rf"/api/v1/(?:sonic|suno)/{name}", endpoint)
    for name, endpoint in (
        ("bpm", bpm),
        ("vox", vox),
        ("wav", wav),
        ("download", download),
        ("midi", midi),
        ("aligned-lyrics", aligned_lyrics),
        ("upsample-tags", upsample_tags),
        ("persona", persona),
    )
)
