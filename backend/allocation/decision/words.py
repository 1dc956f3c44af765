"""The sentences of an explanation, in Kazakh, Russian and English.

Numbers are put so that no word has to agree with them, but for the word of the unit, which is chosen by
the language's own plural rules.
"""

from backend.kernel.money import Language

KK = {
    "cut": "Коэффициенттермен желінің сомасы жетпеді, сондықтан кезектің соңынан қайтарып алынғаны: {cut}.",
    "tariff": "Орындаушының коэффициентімен тарифі: {base_tariff} орнына {tariff}.",
    "origin_capacity": "Қуаты: өзінікі {own}, бірлесіп орындаушылардан {added}, осы желі бойынша бұрын бөлінгені {given}.",
    "origin_fact": "Осы желі бойынша бұрын бөлінгені: {given}; ол базадан шегерілді.",
    "group_threshold": "Балы {score}, шектер бойынша: {group} топ.",
    "line_plan": "Жоспар: {plan} {units_plan}. Ең аз үлестердің қосындысы: {sum_min}; ең көп үлестердікі: {sum_max}.",
    "line_failed": "Қабылданған өтінім жоқ, сондықтан жоспар түгел қалдықта қалады: {residue} {units_residue}.",
    "line_scaled": "Жоспар ең аз үлестердің қосындысынан кем, сондықтан олардың бәрі бірдей пропорциямен азайтылды.",
    "line_rung_full": "{group} топ: қалғаны {left}, топтың бәріне {headroom} керек, бәрі берілді.",
    "line_rung_part": "{group} топ: қалғаны {left}, топтың бәріне {headroom} керек, қалғаны пропорциямен бөлінді.",
    "line_rung_none": "{group} топ: ештеңе қалмады.",
    "line_residue": "Бөлінгені: {given} {units_given}; жоспарда қалғаны: {residue}.",
    "group": "Балы {score}, ондыққа дейін дөңгелектегенде {tenths}: {group} топ.",
    "zero_base": "Базасы нөлге тең, сондықтан бөлінген көлем: 0.",
    "zero_capacity": "Қуаты нөлге тең, сондықтан бөлінген көлем: 0.",
    "base_requested": "Базасы көрсетілмеген, сондықтан база ретінде өтінім алынды: {base}.",
    "phc": "Желі бекітілген халық саны бойынша бөлінеді, сондықтан база толық алынады.",
    "min": "Ең аз үлесі: базаның {min_percent} %-ы, {base} × {min_percent} % = {min_uncapped} {units_min}{floor}.",
    "floor": " (төмен қарай дөңгелектегенде)",
    "min_requested": "Өтінімде одан аз сұралған, сондықтан ең аз үлесі: {min}.",
    "min_capacity": "Қуаты оған жетпейді, сондықтан ең аз үлесі: {min}.",
    "scaled": (
        "Жоспар ({plan}) барлық ең аз үлестердің қосындысынан ({sum_min}) кем, сондықтан олардың "
        "бәрі бірдей пропорциямен азайтылды: {weight} × {total} / {whole}, "
        "төмен қарай дөңгелектегенде {floored}."
    ),
    "odd": (
        "Дөңгелектеуден қалған бірліктер ең үлкен қалдықтарға берілді; осы өтінімнің орны: {place}, "
        "оған тағы {one} қосылды."
    ),
    "not_odd": "Қалдығының реті бойынша орны {place}, дөңгелектеуден қалған бірлік оған жетпеді.",
    "no_supplement_v": "V топқа қосымша көлем бөлінбейді.",
    "no_headroom_requested": "Қосымша жоқ: ең аз үлесінің өзі сұралған көлемге жетті.",
    "no_headroom_capacity": "Қосымша жоқ: ең аз үлесінің өзі қуат шегіне жетті.",
    "no_headroom": "Қосымша жоқ: ең көп үлесі ең аз үлесіне тең.",
    "supplement_all": (
        "Қосымша: {headroom} ішінен {supplement}, өйткені жоспарда қалған {left} тобының бәріне "
        "({group_headroom}) жетті. Ең көп үлесі: {max}."
    ),
    "supplement_none": (
        "Қосымша: {headroom} ішінен 0, өйткені ең аз үлестер мен жоғары топтардан кейін жоспарда "
        "ештеңе қалмады."
    ),
    "supplement_part": (
        "Қосымша: {headroom} ішінен {supplement}, өйткені жоспарда {left} ғана қалды, ал тобына "
        "{whole} керек еді; қалғаны пропорциямен бөлінді: {weight} × {total} / {whole}, "
        "төмен қарай дөңгелектегенде {floored}."
    ),
    "allocated": "Бөлінгені: {allocated} {units_allocated}.",
    "amount": "Сомасы: {allocated} × {tariff} = {amount}.",
    "co_executors": "Оның ішінде өз бөлігі: {own}; бірлесіп орындаушылар: {parts}.",
}

RU = {
    "cut": "С коэффициентами суммы строки не хватило, поэтому с конца очереди снято: {cut}.",
    "tariff": "Тариф с коэффициентом исполнителя: {tariff} вместо {base_tariff}.",
    "origin_capacity": "Мощность: собственная {own}, от соисполнителей {added}, по этой строке распределено ранее {given}.",
    "origin_fact": "По этой строке распределено ранее: {given}; это вычтено из базы.",
    "group_threshold": "Балл {score}, по границам: группа {group}.",
    "line_plan": "План: {plan} {units_plan}. Минимумы вместе: {sum_min}; максимумы вместе: {sum_max}.",
    "line_failed": "Принятых заявок нет, поэтому весь план остаётся остатком: {residue} {units_residue}.",
    "line_scaled": "План меньше суммы минимумов, поэтому все они уменьшены в одной пропорции.",
    "line_rung_full": "Группа {group}: осталось {left}, вся группа может принять {headroom}, отдано всё.",
    "line_rung_part": "Группа {group}: осталось {left}, вся группа может принять {headroom}, остаток разделён пропорционально.",
    "line_rung_none": "Группа {group}: ничего не осталось.",
    "line_residue": "Распределено: {given} {units_given}; осталось в плане: {residue}.",
    "group": "Балл {score}, округлённо до десятых {tenths}: группа {group}.",
    "zero_base": "База равна нулю, поэтому распределено 0.",
    "zero_capacity": "Мощность равна нулю, поэтому распределено 0.",
    "base_requested": "База не указана, поэтому за базу принята заявка: {base}.",
    "phc": "Строка распределяется по прикреплённому населению, поэтому база берётся полностью.",
    "min": "Минимальная доля: {min_percent} % базы, {base} × {min_percent} % = {min_uncapped} {units_min}{floor}.",
    "floor": " (округлённо вниз)",
    "min_requested": "В заявке запрошено меньше, поэтому минимум: {min}.",
    "min_capacity": "Мощности для этого не хватает, поэтому минимум: {min}.",
    "scaled": (
        "План ({plan}) меньше суммы всех минимумов ({sum_min}), поэтому все они уменьшены в одной "
        "пропорции: {weight} × {total} / {whole}, округлённо вниз {floored}."
    ),
    "odd": (
        "Единицы, оставшиеся от округления, отданы наибольшим остаткам; место этой заявки: {place}, "
        "ей добавлено {one}."
    ),
    "not_odd": "По величине остатка место {place}, единицы от округления до него не дошли.",
    "no_supplement_v": "Группа V дополнительного объёма не получает.",
    "no_headroom_requested": "Дополнения нет: минимум уже равен запрошенному объёму.",
    "no_headroom_capacity": "Дополнения нет: минимум уже равен мощности.",
    "no_headroom": "Дополнения нет: максимум равен минимуму.",
    "supplement_all": (
        "Дополнение: {supplement} из {headroom}, потому что оставшихся в плане {left} хватило на всю "
        "группу ({group_headroom}). Максимум: {max}."
    ),
    "supplement_none": (
        "Дополнение: 0 из {headroom}, потому что после минимумов и более высоких групп в плане "
        "ничего не осталось."
    ),
    "supplement_part": (
        "Дополнение: {supplement} из {headroom}, потому что в плане осталось только {left}, а группа "
        "могла принять {whole}; остаток разделён пропорционально: {weight} × {total} / {whole}, "
        "округлённо вниз {floored}."
    ),
    "allocated": "Распределено: {allocated} {units_allocated}.",
    "amount": "Сумма: {allocated} × {tariff} = {amount}.",
    "co_executors": "Из них собственная часть: {own}; соисполнители: {parts}.",
}

EN = {
    "cut": "With the coefficients the line's amount was not enough, so from the end of the order {cut} was taken back.",
    "tariff": "The tariff with the executor's coefficient: {tariff} instead of {base_tariff}.",
    "origin_capacity": "Capacity: {own} of its own, {added} of co-executors, {given} allocated on this line before.",
    "origin_fact": "Allocated on this line before: {given}; it is taken off the base.",
    "group_threshold": "Score {score}, by the bounds as they stand: group {group}.",
    "line_plan": "Plan: {plan} {units_plan}. All minimums together: {sum_min}; all maximums: {sum_max}.",
    "line_failed": "No application was accepted, so the whole plan stays as residue: {residue} {units_residue}.",
    "line_scaled": "The plan is smaller than all minimums together, so all of them are cut in one proportion.",
    "line_rung_full": "Group {group}: {left} was left, the group could take {headroom}, all of it was given.",
    "line_rung_part": "Group {group}: {left} was left, the group could take {headroom}, so it was shared in proportion.",
    "line_rung_none": "Group {group}: nothing was left.",
    "line_residue": "Allocated: {given} {units_given}; left in the plan: {residue}.",
    "group": "Score {score}, rounded to tenths {tenths}: group {group}.",
    "zero_base": "The base is zero, so nothing is allocated.",
    "zero_capacity": "The capacity is zero, so nothing is allocated.",
    "base_requested": "No base is given, so the request is the base: {base}.",
    "phc": "The line goes by attached population, so the base counts in full.",
    "min": "Minimum share: {min_percent} % of the base, {base} × {min_percent} % = {min_uncapped} {units_min}{floor}.",
    "floor": " (rounded down)",
    "min_requested": "The application asks for less, so the minimum is {min}.",
    "min_capacity": "The capacity is less than that, so the minimum is {min}.",
    "scaled": (
        "The plan ({plan}) is smaller than all minimums together ({sum_min}), so all of them are cut "
        "in one proportion: {weight} × {total} / {whole}, rounded down {floored}."
    ),
    "odd": (
        "Units left by rounding went to the largest remainders; the place of this application is "
        "{place}, so {one} is added."
    ),
    "not_odd": "By its remainder the place is {place}; the units left by rounding ended before it.",
    "no_supplement_v": "Group V receives no supplement.",
    "no_headroom_requested": "No supplement: the minimum is already all that was asked for.",
    "no_headroom_capacity": "No supplement: the minimum is already the whole capacity.",
    "no_headroom": "No supplement: the maximum equals the minimum.",
    "supplement_all": (
        "Supplement: {supplement} of {headroom}, because the {left} left in the plan was enough for "
        "the whole group ({group_headroom}). Maximum: {max}."
    ),
    "supplement_none": (
        "Supplement: 0 of {headroom}, because nothing was left in the plan after the minimums and "
        "the higher groups."
    ),
    "supplement_part": (
        "Supplement: {supplement} of {headroom}, because only {left} was left in the plan where the "
        "group could take {whole}; it was shared in proportion: {weight} × {total} / {whole}, "
        "rounded down {floored}."
    ),
    "allocated": "Allocated: {allocated} {units_allocated}.",
    "amount": "Amount: {allocated} × {tariff} = {amount}.",
    "co_executors": "Of it the applicant's own part: {own}; co-executors: {parts}.",
}

TEXTS: dict[Language, dict[str, str]] = {"kk": KK, "ru": RU, "en": EN}

# CLDR's plural categories; Kazakh nouns stay as they are after a number.
SERVICES: dict[Language, dict[str, str]] = {
    "kk": {"one": "қызмет", "other": "қызмет"},
    "ru": {"one": "услуга", "few": "услуги", "many": "услуг", "other": "услуги"},
    "en": {"one": "service", "other": "services"},
}
