"""What we can ask of the AI Music API: one frozen struct per request, one module per family.

A request knows its family, its address below the base URL, and how to become a JSON object. Lengths,
ranges and combinations belong to the registry of operations; a request only refuses values of the wrong type.
What is sent to be followed is an ApiRequest for `Client.submit`; what is answered at once, a Question for
`Client.ask`. All of them cost credits.
"""

from studio.musicapi.requests import lyrics, nuro, producer, riffusion, sonic, studio
from studio.musicapi.requests.base import ApiRequest, HookedRequest, Question
from studio.musicapi.requests.sonic import SonicCreate

FAMILIES = (sonic, lyrics, producer, nuro, riffusion, studio)
REQUESTS: tuple[type[ApiRequest], ...] = tuple(
    kind
    for module in FAMILIES
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, ApiRequest)
    and kind.__module__ == module.__name__
    and not kind.__name__.startswith("_")
)

__all__ = ["REQUESTS", "ApiRequest", "HookedRequest", "Question", "SonicCreate"]
