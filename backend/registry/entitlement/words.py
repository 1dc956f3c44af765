"""The sentences and month names of the explanation in Kazakh, Russian and English.

Kazakh and Russian are equal (domain 0). Every month stands in each form a sentence asks of it, so no
code has to know a declension.
"""

from types import MappingProxyType
from typing import Final

import msgspec

from backend.kernel.money import Language


class Words(msgspec.Struct, frozen=True):
    """The templates of one language."""

    months: tuple[str, ...]  # as in "paid for ..."
    day: str
    day_months: tuple[str, ...]  # as in "on 15 ..."
    until_months: tuple[str, ...]  # as in "until 30 ..."
    month: str
    month_range: str
    month_range_over_years: str
    count_forms: tuple[str, str, str]  # one, few, many
    insured: str
    not_insured: str
    state_pays: str
    local_budget_pays: str
    until: str
    open_end: str
    paid_month: str
    next_month: str
    continuation: str
    long_continuation: str
    keep_paying: str
    prepaid: str
    no_arrears: str
    arrears: str
    arrears_idle: str
    arrears_later: str
    pay_debt_or_year: str
    pay_debt: str
    pay_month: str
    guaranteed: str
    closed: str
    closed_by_mistake: str
    contact: str


_KK: Final = Words(
    months=("қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек",
            "қазан", "қараша", "желтоқсан"),
    day="{year} жылғы {day} {month}",
    day_months=("қаңтардағы", "ақпандағы", "наурыздағы", "сәуірдегі", "мамырдағы", "маусымдағы",
                "шілдедегі", "тамыздағы", "қыркүйектегі", "қазандағы", "қарашадағы", "желтоқсандағы"),
    until_months=("қаңтарға", "ақпанға", "наурызға", "сәуірге", "мамырға", "маусымға", "шілдеге",
                  "тамызға", "қыркүйекке", "қазанға", "қарашаға", "желтоқсанға"),
    month="{year} жылғы {month}",
    month_range="{year} жылғы {first}–{last}",
    month_range_over_years="{first_year} жылғы {first} – {last_year} жылғы {last}",
    count_forms=("{n} ай", "{n} ай", "{n} ай"),
    insured="{on} жағдай бойынша сіз міндетті әлеуметтік медициналық сақтандыру (МӘМС) жүйесінде"
            " сақтандырылғансыз: мәртебеңіз — медициналық көрсетілетін қызметтерді тұтынушы.",
    not_insured="{on} жағдай бойынша сіз міндетті әлеуметтік медициналық сақтандыру (МӘМС) жүйесінде"
                " сақтандырылмағансыз: мәртебеңіз — тұтынушы емес.",
    state_pays="Сіз үшін жарналарды мемлекет төлейді: {code}-санат, {name}.",
    local_budget_pays="Сіз үшін жарналар жергілікті бюджеттен төленеді: {code}-санат, {name}.",
    until="Бұл мәртебе {until} дейін (осы күнді қоса алғанда) сақталады.",
    open_end="Санаттың аяқталу күні белгіленбеген.",
    paid_month="{month} үшін төлем түсті.",
    next_month="Келесі айға жаңа төлем қажет.",
    continuation="Соңғы төленген ай — {month}. Төлем тоқтағаннан кейін көмек тағы {count} бойы"
                 " көрсетіледі.",
    long_continuation="Соңғы төленген ай — {month}. Қатарынан кемінде 60 ай төлегендіктен, төлем"
                      " тоқтағаннан кейін көмек тағы {count} бойы көрсетіледі.",
    keep_paying="Мәртебені сақтау үшін осы күнге дейін төлемді жалғастырыңыз.",
    prepaid="Жарналар кемінде 12 ай алдын ала төленген, сондықтан бұрынғы қарыз талап етілмейді.",
    no_arrears="Алдыңғы 12 айда төленбеген ай жоқ. Мәртебені сақтау үшін ай сайын төлеңіз.",
    arrears="Алдыңғы 12 айда {count} төленбеген: {months}. Қарызды өтеу үшін {amount} төлеу керек:"
            " әр ай үшін {monthly}, бұл ең төменгі жалақының 5 %-ы.",
    arrears_idle="Алдыңғы 12 айда {count} төленбеген: {months}. Сіз үшін бюджет төлеп тұрғанда"
                 " олар үшін төлеу қажет емес.",
    arrears_later="Алдыңғы 12 айда {count} төленбеген: {months}. Қазіргі мәртебеңіз оларға байланысты емес;"
                  " мәртебе тоқтаса, оны қалпына келтіру {amount} тұрады: әр ай үшін {monthly}.",
    pay_debt_or_year="Сақтандырылу үшін осы қарызды өтеңіз немесе алдағы 12 айға, әр айға жеке төлеммен,"
                     " алдын ала төлеңіз.",
    pay_debt="Сақтандырылу үшін осы қарызды өтеңіз. Жұмыс істесеңіз, алдымен жұмыс берушіден төлемнің"
             " неге түспегенін сұраңыз.",
    pay_month="{month} үшін төлем түспеген. Сақтандырылу үшін осы айға төлеңіз; жұмыс істесеңіз, жұмыс"
              " берушіден сұраңыз.",
    guaranteed="Тегін медициналық көмектің кепілдік берілген көлемі, оның ішінде жедел көмек, сізге бұрынғыдай"
               " қолжетімді.",
    closed="{on} жағдай бойынша дербес шот жабылған, сондықтан міндетті әлеуметтік медициналық сақтандыру"
           " (МӘМС) жүйесінде мәртебе жоқ және төлейтін ештеңе жоқ.",
    closed_by_mistake="Шот қателесіп жабылса, Қордың байланыс орталығына хабарласыңыз.",
    contact="Сұрақтар бойынша 1406 нөміріне тегін қоңырау шалыңыз.",
)  # fmt: skip
_RU_GENITIVE: Final = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
                       "сентября", "октября", "ноября", "декабря")  # fmt: skip
_RU: Final = Words(
    months=("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь",
            "октябрь", "ноябрь", "декабрь"),
    day="{day} {month} {year} года",
    day_months=_RU_GENITIVE,
    until_months=_RU_GENITIVE,
    month="{month} {year} года",
    month_range="{first}–{last} {year} года",
    month_range_over_years="{first} {first_year} года – {last} {last_year} года",
    count_forms=("{n} месяц", "{n} месяца", "{n} месяцев"),
    insured="На {on} вы застрахованы в системе обязательного социального медицинского страхования"
            " (ОСМС): ваш статус — потребитель медицинских услуг.",
    not_insured="На {on} вы не застрахованы в системе обязательного социального медицинского"
                " страхования (ОСМС): ваш статус — не потребитель.",
    state_pays="Взносы за вас платит государство: категория {code}, {name}.",
    local_budget_pays="Взносы за вас платит местный бюджет: категория {code}, {name}.",
    until="Статус сохраняется до {until} включительно.",
    open_end="Дата окончания категории не указана.",
    paid_month="Платёж за {month} поступил.",
    next_month="За следующий месяц нужен новый платёж.",
    continuation="Последний оплаченный месяц — {month}. После прекращения платежей помощь оказывается"
                 " ещё {count}.",
    long_continuation="Последний оплаченный месяц — {month}. Вы платили не менее 60 месяцев подряд,"
                      " поэтому после прекращения платежей помощь оказывается ещё {count}.",
    keep_paying="Чтобы сохранить статус, возобновите платежи до этого дня.",
    prepaid="Взносы уплачены не менее чем на 12 месяцев вперёд, поэтому прежний долг не взыскивается.",
    no_arrears="За предыдущие 12 месяцев неоплаченных нет. Чтобы сохранить статус, платите каждый"
               " месяц.",
    arrears="За предыдущие 12 месяцев не оплачено: {count} ({months}). Чтобы погасить долг, нужно"
            " заплатить {amount}: по {monthly} за месяц, это 5 % минимальной заработной платы.",
    arrears_idle="За предыдущие 12 месяцев не оплачено: {count} ({months}). Пока за вас платит бюджет,"
                 " платить за них не нужно.",
    arrears_later="За предыдущие 12 месяцев не оплачено: {count} ({months}). На ваш нынешний статус это не"
                  " влияет; если он прекратится, его восстановление будет стоить {amount}: по {monthly}"
                  " за месяц.",
    pay_debt_or_year="Чтобы стать застрахованным, погасите этот долг или заплатите за 12 месяцев"
                     " вперёд, отдельным платежом за каждый месяц.",
    pay_debt="Чтобы стать застрахованным, погасите этот долг. Если вы работаете, сначала спросите"
             " работодателя, почему платёж не поступил.",
    pay_month="Платёж за {month} не поступил. Чтобы стать застрахованным, заплатите за этот месяц; если"
              " вы работаете, спросите работодателя.",
    guaranteed="Гарантированный объём бесплатной медицинской помощи, включая скорую, вам доступен"
               " по-прежнему.",
    closed="На {on} лицевой счёт закрыт, поэтому статуса в системе обязательного социального медицинского"
           " страхования (ОСМС) нет и платить ничего не нужно.",
    closed_by_mistake="Если счёт закрыт по ошибке, обратитесь в контакт-центр Фонда.",
    contact="Вопросы — по бесплатному номеру 1406.",
)  # fmt: skip
_EN_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August",
                     "September", "October", "November", "December")  # fmt: skip
_EN: Final = Words(
    months=_EN_MONTHS,
    day="{day} {month} {year}",
    day_months=_EN_MONTHS,
    until_months=_EN_MONTHS,
    month="{month} {year}",
    month_range="{first}–{last} {year}",
    month_range_over_years="{first} {first_year} – {last} {last_year}",
    count_forms=("{n} month", "{n} months", "{n} months"),
    insured="On {on} you are insured in the mandatory social health insurance system (MHI):"
            " your status is consumer of medical services.",
    not_insured="On {on} you are not insured in the mandatory social health insurance system (MHI):"
                " your status is not a consumer.",
    state_pays="The State pays your contributions: category {code}, {name}.",
    local_budget_pays="The local budget pays your contributions: category {code}, {name}.",
    until="The status holds until {until} inclusive.",
    open_end="No end of the category is recorded.",
    paid_month="The payment for {month} has been received.",
    next_month="The next month needs a new payment.",
    continuation="The last paid month is {month}. After payments stop, care continues for {count}.",
    long_continuation="The last paid month is {month}. Because you had paid at least 60 months in a row,"
                      " care continues for {count} after payments stop.",
    keep_paying="To keep the status, resume the payments before that day.",
    prepaid="Contributions are paid at least 12 months ahead, so no earlier debt is asked of you.",
    no_arrears="Not one of the previous 12 months is unpaid. To keep the status, pay every month.",
    arrears="Unpaid among the previous 12 months: {count} ({months}). Paying them off costs {amount}:"
            " {monthly} a month, which is 5 % of the minimum wage.",
    arrears_idle="Unpaid among the previous 12 months: {count} ({months}). While the budget pays for"
                 " you, you need not pay for them.",
    arrears_later="Unpaid among the previous 12 months: {count} ({months}). Your present status does not"
                  " depend on them; should it lapse, restoring it would cost {amount}: {monthly} a month.",
    pay_debt_or_year="To become insured, pay off this debt, or pay for 12 months ahead, with a separate"
                     " payment for each month.",
    pay_debt="To become insured, pay off this debt. If you work, first ask your employer why no"
             " payment came.",
    pay_month="No payment for {month} has been received. To become insured, pay for this month; if you"
              " work, ask your employer.",
    guaranteed="The guaranteed volume of free medical care, emergency care included, remains yours.",
    closed="On {on} the personal account is closed, so there is no status in the mandatory social health"
           " insurance system (MHI) and nothing to pay.",
    closed_by_mistake="If it was closed by mistake, call the Fund's contact centre.",
    contact="Questions: call 1406, free of charge.",
)  # fmt: skip
WORDS: Final[MappingProxyType[Language, Words]] = MappingProxyType(
    {"kk": _KK, "ru": _RU, "en": _EN}
)
