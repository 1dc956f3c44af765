"""The content of a contract: canonical JSON, the very bytes both parties sign. Pure.

The eleven blocks are those the sources list (I, domain 3.5). Their legal wording is for lawyers to
replace: a new wording raises CONTENT_VERSION and leaves signed contracts as they are.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from backend.allocation.application.model import Contents
from backend.allocation.contract.model import AllocatedLine, AllocatedPart, Block, PlanVersion
from backend.registry.account.model import Organisation

CONTENT_VERSION = 1

_TEXTS = (
    (
        "Мақсаты, анықтамалары және мерзімі",
        "Цели, определения и срок",
        "Орындаушы эмитент бөлген көлемде тұтынушыларға медициналық қызмет көрсетеді. Терминдер "
        "Механизмдегі мағынада қолданылады.",
        "Исполнитель оказывает потребителям медицинские услуги в объёме, распределённом эмитентом. "
        "Термины употребляются в значении Механизма.",
    ),
    (
        "Тараптар және біліктілік",
        "Стороны и квалификация",
        "Орындаушы өтінімдегі лицензиялар мен қорытындылардың жарамдылығына кепілдік береді.",
        "Исполнитель гарантирует действительность лицензий и заключений, указанных в заявке.",
    ),
    (
        "Түрлері, көлемі және сомасы",
        "Виды, объём и сумма",
        "Қызмет түрлері, көлемдері және сомасы бөлу туралы шешіммен айқындалған.",
        "Виды услуг, объёмы и сумма определены решением о распределении.",
    ),
    (
        "Сапа және стандарттар",
        "Качество и стандарты",
        "Қызметтер медициналық көмек көрсету стандарттарына сәйкес көрсетіледі.",
        "Услуги оказываются по стандартам оказания медицинской помощи.",
    ),
    (
        "Баға, өтеу және шот ұсыну",
        "Цена, возмещение и выставление счетов",
        "Эмитент қол қойған акт бойынша электрондық шот-фактура негізінде ақы төленеді; бір қызмет "
        "екі рет төленбейді.",
        "Оплата производится по акту, подписанному эмитентом, на основании электронного "
        "счёта-фактуры; одна услуга не оплачивается дважды.",
    ),
    (
        "Мониторинг",
        "Мониторинг",
        "Эмитент қаражаттың мақсатты пайдаланылуына мониторинг жүргізеді; орындаушы деректерге қол "
        "жеткізуді қамтамасыз етеді.",
        "Эмитент проводит мониторинг целевого использования средств; исполнитель обеспечивает "
        "доступ к данным.",
    ),
    (
        "Ынталандыру және санкциялар",
        "Поощрения и санкции",
        "Төлемді тоқтата тұру мен тоқтату Механизмнің 15-18-тармақтарындағы негіздермен жүргізіледі.",
        "Приостановление и прекращение оплаты производятся по основаниям пунктов 15-18 Механизма.",
    ),
    (
        "Еңсерілмейтін күш",
        "Непреодолимая сила",
        "Тараптар еңсерілмейтін күш салдарынан орындамағаны үшін жауап бермейді және бірін-бірі "
        "дереу хабардар етеді.",
        "Стороны не отвечают за неисполнение вследствие непреодолимой силы и немедленно извещают "
        "друг друга.",
    ),
    (
        "Индикаторлар",
        "Индикаторы",
        "Көрсеткіштер мен рейтинг келесі бөлу кезінде ескеріледі.",
        "Показатели и рейтинг учитываются при следующем распределении.",
    ),
    (
        "Мерзімі, қуаты және орны",
        "Срок, мощность и место",
        "Қызметтер лицензияның қосымшасында көрсетілген мекенжайларда көрсетіледі.",
        "Услуги оказываются по адресам, указанным в приложениях к лицензиям.",
    ),
    (
        "Хабарламалар, құпиялылық және шектеулер",
        "Уведомления, конфиденциальность и ограничения",
        "Хабарламалар портал арқылы жіберіледі. Дербес деректер мен медициналық құпия қорғалады. "
        "Көлемнен асқан қызметтер төленбейді.",
        "Уведомления направляются через портал. Персональные данные и врачебная тайна защищаются. "
        "Услуги сверх объёма не оплачиваются.",
    ),
)


class Facts(msgspec.Struct, frozen=True):
    """Everything one contract's content is made of."""

    number: str
    formed_on: date
    source: str
    decision_id: str
    result_sha256: str
    plan: PlanVersion
    application_id: str
    seq_no: int
    issuer: Organisation
    executor: Organisation
    papers: Contents
    co_executors: list[tuple[int, str, str, str]]  # place, form, number, name
    lines: Sequence[AllocatedLine]
    parts: Sequence[AllocatedPart]
    valid_from: date
    valid_to: date


def build(facts: Facts) -> bytes:
    """The canonical bytes: keys sorted, no white space, the same facts always the same bytes."""
    document = {
        "kind": "contract",
        "content_version": CONTENT_VERSION,
        "number": facts.number,
        "date": facts.formed_on,
        "source": facts.source,
        "decision": {
            "decision_id": facts.decision_id,
            "result_sha256": facts.result_sha256,
        },
        "plan": facts.plan,
        "application": {"application_id": facts.application_id, "seq_no": facts.seq_no},
        "amount_tiyn": sum(line.amount_tiyn for line in facts.lines),
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
        "blocks": _blocks(facts),
    }
    return msgspec.json.encode(document, order="sorted")


def _blocks(facts: Facts) -> list[Block]:
    data: dict[int, dict[str, Any]] = {
        1: {"valid_from": facts.valid_from, "valid_to": facts.valid_to},
        2: {
            "issuer": _party(facts.issuer),
            "executor": _party(facts.executor),
            "co_executors": _co_executors(facts),
            "licences": facts.papers.licences,
            "sanitary": facts.papers.sanitary,
            "accreditation": facts.papers.accreditation,
        },
        3: {
            "amount_tiyn": sum(line.amount_tiyn for line in facts.lines),
            "lines": [_line(line) for line in facts.lines],
        },
        5: {
            "tariffs": [
                {
                    "code": line.code,
                    "payment_method": line.payment_method,
                    "tariff_tiyn": line.tariff_tiyn,
                }
                for line in facts.lines
            ],
            "requisites": facts.executor.requisites,
        },
        9: {
            "ratings": [
                {"code": line.code, "group": line.group, "score_milli": line.score_milli}
                for line in facts.lines
            ]
        },
        10: {
            "addresses": sorted({licence.annex_address for licence in facts.papers.licences}),
            "regions": sorted({line.region for line in facts.lines}),
        },
    }
    return [Block(no, *texts, data=data.get(no, {})) for no, texts in enumerate(_TEXTS, start=1)]


def _party(organisation: Organisation) -> dict[str, Any]:
    return {
        "bin": organisation.bin,
        "name": organisation.name,
        "form": organisation.form,
        "postal_address": organisation.contacts.postal_address,
    }


def _line(line: AllocatedLine) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "code": line.code,
        "service_type": line.service_type,
        "region": line.region,
        "care_form": line.care_form,
        "title_kk": line.title_kk,
        "title_ru": line.title_ru,
        "unit": line.unit,
        "units": line.units,
        "tariff_tiyn": line.tariff_tiyn,
        "amount_tiyn": line.amount_tiyn,
    }


def _co_executors(facts: Facts) -> list[dict[str, Any]]:
    """All co-executors of the application, with what each carries here (M §12, D23)."""
    codes = {line.line_id: line.code for line in facts.lines}
    return [
        {
            "no": no,
            "form": form,
            "number": number,
            "name": name,
            "lines": [
                {"code": codes[part.line_id], "units": part.allocated}
                for part in facts.parts
                if part.co_executor_no == no
            ],
        }
        for no, form, number, name in facts.co_executors
    ]
