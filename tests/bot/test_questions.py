"""Questions people really type, in three languages, with slips and without Kazakh letters."""

import pytest

from bot.numbers import mentions_iin, read_code, read_iin, read_phone
from bot.questions import understand


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("мен сақтандырылғанмын ба?", "status"),
        ("Мен сактандырылганмын ба", "status"),
        ("САҚТАНДЫРЫЛҒАНМЫН БА???", "status"),
        ("я застрахована?", "status"),
        ("ЗАСТРАХОВАН ЛИ Я", "status"),
        ("am i insured", "status"),
        ("Am I covered?", "status"),
        ("қанша қарызым бар?", "status"),
        ("сколько я должен?", "status"),
        ("сколько я должна", "status"),
        ("есть ли у меня задолженность", "status"),
        ("How much do I owe?", "status"),
        ("полисімді көрсет", "policy"),
        ("покажи мой полис", "policy"),
        ("show my policy", "policy"),
        ("атыма не жазылды?", "billed"),
        ("атыма қандай қызметтер жазылған", "billed"),
        ("что на меня записано?", "billed"),
        ("какие услуги на моё имя", "billed"),
        ("what was billed in my name?", "billed"),
        ("емханаға қашан бардым", "visits"),
        ("емханаға барғаным", "visits"),
        ("когда я был в поликлинике, мои визиты", "visits"),
        ("my visits", "visits"),
        ("қанша төлем түсті", "contributions"),
        ("мои взносы", "contributions"),
        ("what was paid for me", "contributions"),
        ("шағым жазғым келеді", "complaint"),
        ("шагым", "complaint"),
        ("хочу пожаловаться", "complaint"),
        ("I want to complain", "complaint"),
        ("шағымым қайда?", "track"),
        ("где моя жалоба", "track"),
        ("where is my complaint?", "track"),
        ("көмек", "help"),
        ("помогите", "help"),
        ("help", "help"),
        ("телефон нөмірі қандай", "help"),
        ("хабарламаларды қосу", "notices"),
        ("настроить уведомления", "notices"),
        ("notify me", "notices"),
        ("үзінді көшірме керек", "extract"),
        ("нужна выписка", "extract"),
        ("I need an extract", "extract"),
        ("жақын жердегі емхана", "clinics"),
        ("где поликлиника рядом", "clinics"),
        ("ближайшая больница", "clinics"),
        ("clinics near me", "clinics"),
        ("қалай төлеймін", "pay"),
        ("как заплатить взнос", "pay"),
        ("how do I pay", "pay"),
        ("how to pay", "pay"),
        ("сәлем", "menu"),
        ("Сәлеметсіз бе!", "menu"),
        ("здравствуйте", "menu"),
        ("hello", "menu"),
        ("шығу", "unlink"),
        ("выйти", "unlink"),
        ("войти", "link"),
        ("тілді ауыстыру", "language"),
        ("сменить язык", "language"),
    ],
)
def test_a_question_leads_to_its_place(text: str, place: str) -> None:
    found = understand(text)
    assert found is not None
    assert found == (place, "")


@pytest.mark.parametrize(
    ("text", "language"),
    [("қазақша", "kk"), ("говори по-русски", "ru"), ("in English please", "en")],
)
def test_a_language_is_switched_by_asking(text: str, language: str) -> None:
    assert understand(text) == ("speak", language)


@pytest.mark.parametrize("text", ["", "???", "бүгін ауа райы қандай", "расскажи анекдот", "42"])
def test_what_is_not_understood_is_said_so(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize(
    ("text", "iin"),
    [
        ("900101300017", "900101300017"),
        (" 9001 0130 0017 ", "900101300017"),
        ("900101-300017", "900101300017"),
        ("900101300018", None),
        ("90010130001", None),
        ("９００１０１３０００１７", None),
        ("мой иин", None),
    ],
)
def test_reading_an_iin(text: str, iin: str | None) -> None:
    assert read_iin(text) == iin


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+7 701 000 00 01", "+77010000001"),
        ("8 (701) 000-00-01", "+77010000001"),
        ("7010000001", "+77010000001"),
        ("+1 555 000 00 01", None),
        ("8 495 000 00 01", None),
        ("жоқ", None),
    ],
)
def test_reading_a_phone(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


def test_reading_a_code() -> None:
    assert read_code(" 123 456 ") == "123456"
    assert read_code("12345") is None
    assert read_code("abcdef") is None


def test_an_iin_inside_a_sentence_is_seen() -> None:
    assert mentions_iin("менің жсн 900101300017 осы")
    assert not mentions_iin("87010000001")
    assert not mentions_iin("1234567890123456")
