"""Understanding common questions by rules, in three languages; no model, nothing leaves the bot.

A rule is a place and stems; the most specific rules stand first. Letters are folded: ё is е,
case and punctuation do not count, and Kazakh typed on a Russian keyboard (саќтандыру, сақтандыру,
сактандыру) is one.
"""

import re
from typing import Final

_FOLD = str.maketrans("ёәғқңөұүһі", "еагкноуухи")
_NOT_WORD = re.compile(r"[^\w\s]|_")

# In each: any of the alternatives, a regular expression over folded text.
_RULES: Final[tuple[tuple[str, str], ...]] = (
    ("speak:kk", r"\bказакша\b|по-?\s?казахски|\bin kazakh\b"),
    ("speak:ru", r"по-?\s?русски|\bорысша\b|\bin russian\b"),
    ("speak:en", r"\bin english\b|по-?\s?английски|\bагылшынша\b"),
    ("unlink", r"\bшыгу\b|\bшыгар\b|\bвыйти\b|\bвыход\b|\bsign out\b|\blog ?out\b"),
    ("track", r"шагым\w* (кайда|не болды)|где (моя )?жалоб|статус жалоб|where is my complaint"),
    ("complaint", r"шагым|арызд?ан|жалоб|пожалов|complain"),
    ("notices", r"хабарлама|хабарлап|уведомлен|оповещ|напомин|ескерт|notif|remind"),
    ("extract", r"узинди|выписк|справк\w* (о|об) (полис|счет)|\bextract\b|statement"),
    (
        "clinics",
        r"жакын (жер|емхан|клиник|аурухан)|емхана\w* кайда|ближайш|рядом|где (поликлиник|клиник|больниц)"
        r"|near(est|by| me)|where is (the |a |my )?(clinic|hospital)",
    ),
    ("status", r"карыз|берешек|долг|задолж|\bдолжен\b|\bдолжна\b|\bowe\b|\bdebt|arrears"),
    ("pay", r"калай толе|кайда толе|как (опла|запла)|где (опла|запла)|how (do|can|to)( i)? pay"),
    ("status", r"сактандырылган|сактандырылма|мартебе|застрахован|статус|insured|covered|status"),
    ("billed", r"жазылган кызмет|атыма|на мое имя|записан|услуг|billed|in my name|charged"),
    ("visits", r"бар(ган|ды)|каралу|келгени|визит|посещен|прием|\bvisit"),
    ("contributions", r"толем|жарна|аударым|взнос|платеж|отчислен|payment|contribution|\bpaid\b"),
    ("policy", r"полис|policy|policies"),
    ("language", r"\bтил\b|\bтилди\b|язык|language"),
    ("link", r"\bкиру\b|\bкирейин\b|\bвойти\b|\bвход\b|sign in|log ?in"),
    ("help", r"комек|аныктама|телефон|помощ|помоги|оператор|\bhelp\b|phone|operator|скор\w+ помощ"),
    (
        "menu",
        r"салем|ассалау|кайырлы|здравств|привет|добрый|^hello|^hi\b|\bмазир\b|\bменю\b|\bmenu\b",
    ),
)
_COMPILED: Final = tuple((place, re.compile(rule)) for place, rule in _RULES)


def fold(text: str) -> str:
    """Lower case, Kazakh letters to their Russian neighbours, no punctuation, single spaces."""
    bare = _NOT_WORD.sub(" ", text.lower()).translate(_FOLD)
    return " ".join(bare.split())


def understand(text: str) -> tuple[str, str] | None:
    """The place a question leads to, and what is wanted there; None when no rule fits."""
    folded = fold(text)
    for place, rule in _COMPILED:
        if rule.search(folded):
            name, _, what = place.partition(":")
            return name, what
    return None
