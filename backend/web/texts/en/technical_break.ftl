# Technical breaks of the registry.
TECHNICAL_BREAK = The registry is in a technical break
    .do = The break lasts until { $until } (Kazakhstan time). Try again then; records can be read meanwhile.
BREAK_UNKNOWN = There is no such break
    .do = Check its number in the list of breaks: /public/technical-breaks.
BREAK_NOTICE_TOO_LATE = Too late to announce a planned break
    .do = Three full working days must lie between the notice and the break; the last day to give notice was { $last }. Choose a later day. If it cannot wait, announce it as EMERGENCY.
BREAK_TIMES = The times of the break are wrong
    .do = A break ends after it begins, lasts seven days at most and is planned no more than a year ahead.
BREAK_OVERLAPS = Another break lies in that time
    .do = Choose another time, or end or cancel the other break first.
BREAK_NOT_DUE = The hour of the break has not come
    .do = It was announced for { $starts_at } (Kazakhstan time) and does not begin before.
BREAK_STATE = The state of the break does not allow this
    .do = It is { $state } now. Look at the list again: /public/technical-breaks.
