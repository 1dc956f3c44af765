"""The words of the poster: Kazakh first, Russian and English below it. Pure."""

from typing import Any, Final

from backend.kernel.clock import legal_date
from backend.registry.facility.model import Facility
from backend.visits.code.model import StoredCode

POSTER: Final = "poster"  # backend/web/paper/templates
_ISSUER: Final = "«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ"  # M App.2 row 1
_CALLS: Final = (
    ("kk", "Қабылдауға келдіңіз бе?\nТіркеліңіз"),
    ("ru", "Пришли на приём? Отметьте визит"),
    ("en", "Here for an appointment? Check in"),
)
_STEPS: Final = (
    ("Қосымшаны ашыңыз", "Откройте приложение", "Open the app"),
    ("Осы кодты сканерлеңіз", "Отсканируйте этот код", "Scan this code"),
    ("Келгеніңізді растаңыз", "Подтвердите визит", "Confirm your visit"),
)
# What a person without a phone or consent does (D43), and whom to ask (M App.2: contact centre 1406).
_FOOT: Final = (
    "Телефон жоқ болса да көмек көрсетіледі: тіркеу бөлімінде жеке куәлікті көрсетіңіз. Сұрақ болса: 1406, тегін.",
    "Без телефона помощь тоже окажут: покажите в регистратуре удостоверение. Вопросы: 1406, бесплатно.",
    "Without a phone you are cared for too: show an identity document at the desk. Questions: 1406, free.",
)


def poster(facility: Facility, code: StoredCode, svg: str) -> dict[str, Any]:
    """What the template prints: strings ready to be read."""
    issued = f"{legal_date(code.issued_at):%d.%m.%Y}"
    return {
        "title": f"QR-код · {facility.name}",
        "issuer": _ISSUER,
        "calls": [{"language": language, "text": text} for language, text in _CALLS],
        "svg": svg,
        "alt": f"Келуді тіркеу QR-коды: {facility.name}",
        "facility": facility.name,
        "address": facility.address,
        "steps": _STEPS,
        "foot": "\n".join((*_FOOT, f"№ {code.code_id} · {issued}")),
    }
