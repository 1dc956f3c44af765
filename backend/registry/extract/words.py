"""The words of the printed extract: Kazakh first, Russian beside it, the legal note in three languages."""

from collections.abc import Mapping
from typing import Any, Final

from backend.kernel.clock import to_legal
from backend.registry.extract import qr, rules
from backend.registry.extract.model import Document, Entry, Kind, Promise, Proof, Spoken

# M §3(15)
REGISTRAR: Final = Spoken(
    "«Ақпараттық-есептеу орталығы» АҚ",
    "АО «Информационно-учётный центр»",
    "Information and Accounting Centre JSC",
)
# M §3(7): what an extract is
LEGAL: Final = Spoken(
    "Дербес шоттан үзінді – цифрлық сервисте тіркеуші қалыптастыратын және цифрлық сақтандыру полисі"
    " бойынша ұстаушының мемлекеттік сақтандыру өтемінің көлемінен медициналық көмек алуға"
    " құқықтарын және ол бойынша оқиғалардың тіркелуін растайтын электрондық құжат (Тетіктің"
    " 3-тармағының 7) тармақшасы).",
    "Выписка с лицевого счёта – электронный документ, формируемый регистратором в цифровом сервисе и"
    " подтверждающий права держателя по цифровому страховому полису на получение медицинской помощи"
    " из объёма государственного страхового возмещения и регистрацию событий по нему (подпункт 7)"
    " пункта 3 Механизма).",
    "An account extract is an electronic document that the registrar forms in the digital service; it"
    " confirms the holder's rights under the digital insurance policy to medical care within the"
    " volume of state insurance coverage, and the events registered on it (Mechanism, item 3(7)).",
)
TITLES: Final[Mapping[Kind, Spoken]] = {
    Kind.ACCOUNT: Spoken(
        "Жеке шот бойынша жалпы үзінді көшірме",
        "Общая выписка по лицевому счёту",
        "General extract of the account",
    ),
    Kind.POLICY: Spoken(
        "Полис бойынша үзінді көшірме", "Выписка по полису", "Extract of the policy"
    ),
    Kind.INFORMATION_OPERATIONS: Spoken(
        "Жеке шот бойынша тіркелген ақпараттық операциялардың тізімі",
        "Список информационных операций, зарегистрированных на лицевом счёте",
        "Information operations registered on the account",
    ),
    Kind.POLICY_EVENTS: Spoken(
        "Полис бойынша тіркелген оқиғалардың тізімі",
        "Список событий, зарегистрированных по полису",
        "Events registered on the policy",
    ),
}
Pair = tuple[str, str]
_UNKNOWN: Final[Pair] = ("белгісіз", "неизвестно")
_NONE: Final[Pair] = ("–", "")
_ACCOUNT: Final[Mapping[str, Pair]] = {
    "OPEN": ("Ашық", "Открыт"),
    "BLOCKED": ("Бұғатталған", "Заблокирован"),
    "CLOSED": ("Жабық", "Закрыт"),
}
_POLICY: Final[Mapping[str, Pair]] = {
    "ISSUED": ("Шығарылған", "Выпущен"),
    "CREDITED": ("Күшінде", "Действует"),
    "CANCELLED": ("Күші жойылған", "Аннулирован"),
    "EXPIRED": ("Мерзімі аяқталған", "Срок истёк"),
}
_ENTITLED: Final[Mapping[str, Pair]] = {
    "CONSUMER": ("МӘМС жүйесінде сақтандырылған", "Застрахован(а) в системе ОСМС"),
    "NOT_CONSUMER": ("МӘМС жүйесінде сақтандырылмаған", "Не застрахован(а) в системе ОСМС"),
}
_BASIS: Final[Mapping[str, Pair]] = {
    "ORDER": ("бұйрық", "приказ"),
    "EVENT": ("жүйе оқиғасы", "событие системы"),
    "REQUEST": ("жазбаша сұрау салу", "письменный запрос"),
    "SELF": ("өз өтініші", "собственное обращение"),
}
_ACTOR: Final[Mapping[str, Pair]] = {
    "insured": ("сақтандырылушы", "застрахованный"),
    "issuer_head": ("эмитент", ""),
    "issuer_signer": ("эмитент", ""),
    "issuer_reviewer": ("эмитент", ""),
    "issuer_finance": ("эмитент", ""),
    "registrar": ("тіркеуші", "регистратор"),
    "mis": ("МАЖ", "МИС"),
    "integration": ("мемлекеттік дерекқор", "государственная база"),
    "bot": ("бот", ""),
}
_EXECUTOR: Final[Pair] = ("орындаушы", "исполнитель")
_SYSTEM: Final[Pair] = ("цифрлық сервис", "цифровой сервис")
_OPERATIONS: Final[Mapping[str, Pair]] = {
    "ACCOUNT.OPEN": ("Шотты ашу", "Открытие счёта"),
    "ACCOUNT.CHANGE": ("Шот деректерін өзгерту", "Изменение данных счёта"),
    "ACCOUNT.BLOCK": ("Шотты бұғаттау", "Блокирование счёта"),
    "ACCOUNT.UNBLOCK": ("Шотты бұғаттан шығару", "Разблокирование счёта"),
    "ACCOUNT.CLOSE": ("Шотты жабу", "Закрытие счёта"),
    "POLICY.ISSUE": ("Полис шығару", "Выпуск полиса"),
    "POLICY.CREDIT": ("Полисті есепке алу", "Зачисление полиса"),
    "POLICY.CHANGE": ("Полис деректерін өзгерту", "Изменение данных полиса"),
    "POLICY.EXECUTOR_CHANGED": ("Орындаушыны өзгерту", "Смена исполнителя"),
    "POLICY.CANCEL": ("Полистің күшін жою", "Аннулирование полиса"),
    "ACCOUNT.COVERAGE_USED": ("Өтем көлемін пайдалану", "Использование объёма возмещения"),
    "ACCOUNT.COVERAGE_RETURNED": (
        "Өтем көлемін қайтару: акт күшін жойған",
        "Возврат объёма возмещения: акт аннулирован",
    ),
    "POLICY.COVERAGE_USED": ("Өтем көлемін пайдалану", "Использование объёма возмещения"),
    "INFORMATION.INSURED_LIST": ("Сақтандырылғандар тізілімі", "Реестр застрахованных"),
    "INFORMATION.ACCOUNT_EXTRACT": ("Шот бойынша үзінді көшірме", "Выписка по счёту"),
    "INFORMATION.POLICY_EXTRACT": ("Полис бойынша үзінді көшірме", "Выписка по полису"),
    "INFORMATION.INFORMATION_OPERATIONS_LIST": (
        "Ақпараттық операциялар тізімі",
        "Список информационных операций",
    ),
    "INFORMATION.POLICY_EVENTS_LIST": ("Полис оқиғаларының тізімі", "Список событий по полису"),
}
_GROUND: Final[Mapping[str, Pair]] = {
    "CONSENT": ("сақтандырылушының келісімі", "согласие застрахованного"),
    "ORDER": ("эмитенттің бұйрығы", "приказ эмитента"),
    "REQUEST": ("мемлекеттік органның жазбаша сұрау салуы", "письменный запрос госоргана"),
}


def page(document: Document, code: str, proof: Proof | Promise) -> dict[str, Any]:
    """What the template prints: strings ready to be read, Kazakh and Russian in pairs."""
    title = TITLES[document.kind]
    return {
        "title": [title.kk, title.ru, title.en],
        "registry": [
            "Цифрлық сақтандыру полистерінің мемлекеттік электрондық тізілімі",
            "Государственный электронный реестр цифровых страховых полисов",
        ],
        "registrar": _registrar(document),
        "given": [
            [("Берілді", "Выдано"), (_moment(document.issued_at), "")],
            [("Негіз", "Основание"), _ground(document)],
        ],
        "holder": document.insured.full_name,
        "entitled": document.entitlement.status == "CONSUMER",
        "entitlement": _ENTITLED.get(document.entitlement.status, _UNKNOWN),
        "entitled_on": _entitled_on(document),
        "person": _person(document),
        "policy": _policy(document),
        "no_policy": ("Биылғы полис жоқ", "Полиса этого года нет"),
        "operations_title": ("Тіркелген операциялар", "Зарегистрированные операции"),
        "operations_head": [
            ("№", ""),
            ("Күні, уақыты", "Дата, время"),
            ("Операция", "Операция"),
            ("Кім", "Кто"),
            ("Негіз", "Основание"),
        ],
        "operations": [_entry(entry) for entry in document.operations],
        "operations_more": _more(document),
        "operations_none": (
            ("Тіркелген операция жоқ", "Операций не зарегистрировано")
            if rules.LISTED[document.kind] and not document.operations
            else None
        ),
        "qr": qr.svg(qr.text(proof)),
        "check": _check(document, code, proof),
        "legal": [document.legal.kk, document.legal.ru, document.legal.en],
        "foot": f"{title.kk} · {rules.shown_code(code)}",
    }


def _registrar(document: Document) -> list[str]:
    """Name, number and place (M §37)."""
    said = document.registrar
    more = [f"БСН/БИН {document.registrar_bin}"] if document.registrar_bin else []
    more += [document.registrar_address] if document.registrar_address else []
    return [said.kk, said.ru, ", ".join(more)]


def _day(day: Any) -> str:
    return f"{day:%d.%m.%Y}"


def _moment(at: Any) -> str:
    return f"{to_legal(at):%d.%m.%Y %H:%M}"


def _ground(document: Document) -> Pair:
    ground = document.ground
    kk, ru = _GROUND[ground.kind]
    more = " · ".join(
        part
        for part in (
            ground.body,
            f"№ {ground.number}" if ground.number else None,
            _day(ground.on) if ground.on else None,
        )
        if part
    )
    return (f"{kk}: {more}", ru) if more else (kk, ru)


def _entitled_on(document: Document) -> Pair:
    on, until = document.entitlement.on, document.entitlement.until
    if document.entitlement.status == "CONSUMER" and until is not None:
        return (
            f"{_day(on)} жағдай бойынша, {_day(until)} дейін",
            f"по состоянию на {_day(on)}, до {_day(until)}",
        )
    return f"{_day(on)} жағдай бойынша", f"по состоянию на {_day(on)}"


def _person(document: Document) -> list[tuple[Pair, Pair]]:
    who = document.insured
    return [
        (("ЖСН", "ИИН"), (who.iin, "")),
        (("Туған күні", "Дата рождения"), (_day(who.birth_date), "")),
        (("Жеке куәлік", "Удостоверение"), (who.document_no, "")),
        (("Мекенжайы", "Адрес"), (who.address, "")),
        (("Жеке шот", "Лицевой счёт"), _ACCOUNT.get(document.account.status, _UNKNOWN)),
        (("Шот ашылды", "Счёт открыт"), (_moment(document.account.opened_at), "")),
    ]


def _policy(document: Document) -> dict[str, Any] | None:
    policy = document.policy
    if policy is None:
        return None
    packages = ("ТМККК + МӘМС", "ГОБМП + ОСМС") if policy.mhi else ("ТМККК", "ГОБМП")
    executor: Pair = (policy.executor_name, f"БСН/БИН {policy.executor_bin}") if (
        policy.executor_name
    ) else _NONE  # fmt: skip
    return {
        "label": ("Цифрлық сақтандыру полисі", "Цифровой страховой полис"),
        "number": policy.number,
        "status": _POLICY.get(policy.status, _UNKNOWN),
        "live": policy.status == "CREDITED",
        "facts": [
            (("Қолданылу мерзімі", "Срок действия"),
             (f"{_day(policy.valid_from)} – {_day(policy.valid_to)}", "")),
            (("Қызметтер көлемі", "Объём услуг"), packages),
            (("Шығарылған күні", "Дата выпуска"), (_day(policy.issued_on), "")),
            (("Эмитент", ""), (policy.issuer_name, f"БСН/БИН {policy.issuer_bin}, {policy.issuer_address}")),
            (("Бекітілген ұйым", "Организация прикрепления"), executor),
        ],
    }  # fmt: skip


def _entry(entry: Entry) -> list[Pair]:
    role = entry.actor.partition(":")[0]
    actor = _EXECUTOR if role.startswith("executor_") else _ACTOR.get(role, _SYSTEM)
    name = f"{entry.op_class}.{entry.op_type}"
    return [
        (str(entry.seq), ""),
        (_moment(entry.at), ""),
        _OPERATIONS.get(name, (entry.op_type, "")),
        actor,
        _BASIS.get(entry.basis_kind, _UNKNOWN),
    ]


def _more(document: Document) -> Pair | None:
    left = document.operations_total - len(document.operations)
    if not left:
        return None
    return f"Бұдан бұрын тіркелгені: {left}", f"Зарегистрировано ранее: {left}"


def _check(document: Document, code: str, proof: Proof | Promise) -> dict[str, Any]:
    facts: list[tuple[Pair, Pair]] = [
        (("Тексеру коды", "Код проверки"), (rules.shown_code(code), "")),
    ]
    if isinstance(proof, Proof):
        facts += [
            (("Журналдағы орны", "Место в журнале"),
             (f"{proof.leaf_index + 1:,} / {proof.head.tree_size:,}".replace(",", "\u202f"), "")),
            (("Журналдың қол қойылған басы", "Подписанная вершина журнала"),
             (f"№ {proof.head.number} · {_moment(proof.head.at)}", "")),
        ]  # fmt: skip
    else:
        facts.append((("Журнал басына енеді", "Войдёт в журнал до"), (_moment(proof.until), "")))
    return {
        "title": ("Түпнұсқалығын тексеру", "Проверка подлинности"),
        "facts": facts,
        "hint": [
            "QR кодында осы операцияның журналда бар екенінің дәлелі бар; ол желісіз тексеріледі.",
            "QR содержит доказательство записи в журнале; оно проверяется без сети.",
        ],
    }
