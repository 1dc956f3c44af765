-- registry, entitlement: the law's figures as rows, and the status of every person as it stands.
--
-- A person's payments are kept as three strings of months (bits): judging needs no receipt then, only
-- a change of receipts does. Which months a category covers is asked of registry.privilege each time.
-- docs/entitlement.md has the measurements behind this.

-- Of receipts without a payer's BIN: who paid. NULL, and a self-payer, is judged by twelve months (D40).
ALTER TABLE registry.contribution
    ADD COLUMN payer_kind text
        CHECK (payer_kind IN ('employer', 'employee', 'contractor', 'sole_proprietor', 'self_payer',
                              'self_employed'));

-- --- the law's figures (domain 5.6): a row holds until the next one ------------------------------

-- Of a year entered twice the later row counts.
CREATE TABLE registry.minimum_wage (
    year        integer NOT NULL CHECK (year BETWEEN 2020 AND 2100),
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn BETWEEN 1 AND 1000000000),
    source      text NOT NULL CHECK (source <> ''),
    entered_by  text NOT NULL CHECK (entered_by <> ''),
    entered_at  timestamptz NOT NULL,
    evidence_id uuid UNIQUE REFERENCES signing.evidence,
    PRIMARY KEY (year, entered_at),
    CHECK (evidence_id IS NOT NULL OR entered_by = 'release')
);

CREATE TABLE registry.mhi_rate (
    payer       text NOT NULL CHECK (payer IN ('employer', 'employee', 'contractor', 'sole_proprietor',
                                               'self_payer', 'self_employed', 'state', 'local_budget')),
    valid_from  date NOT NULL,
    rate_bp     integer NOT NULL CHECK (rate_bp BETWEEN 1 AND 10000),
    base        text NOT NULL CHECK (base IN ('income', 'minimum_wage', 'average_wage', 'regional_wage')),
    wage_tenths integer CHECK (wage_tenths > 0),
    source      text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (payer, valid_from),
    CHECK (base <> 'minimum_wage' OR wage_tenths IS NOT NULL)
);

CREATE TABLE registry.privilege_category (
    code        text NOT NULL CHECK (code ~ '^[1-9][0-9]?$'),
    valid_from  date NOT NULL,
    payer       text NOT NULL CHECK (payer IN ('state', 'local_budget')),
    kk          text NOT NULL CHECK (kk <> ''),
    ru          text NOT NULL CHECK (ru <> ''),
    en          text NOT NULL CHECK (en <> ''),
    source      text NOT NULL CHECK (source <> ''),
    evidence_id uuid UNIQUE REFERENCES signing.evidence,
    PRIMARY KEY (code, valid_from)
);

CREATE TRIGGER minimum_wage_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.minimum_wage
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER mhi_rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.mhi_rate
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER privilege_category_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.privilege_category
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

INSERT INTO registry.minimum_wage (year, amount_tiyn, source, entered_by, entered_at) VALUES
    (2024, 8500000, 'domain 5.6, news.mail.ru 69248508, lada.kz 147594', 'release', '2026-03-06T00:00:00Z');
INSERT INTO registry.mhi_rate (payer, valid_from, rate_bp, base, wage_tenths, source) VALUES
    ('employer', '2017-07-01', 100, 'income', 100, 'domain 5.6 [MEM]'),
    ('employer', '2018-01-01', 150, 'income', 100, 'domain 5.6 [MEM]'),
    ('employer', '2020-01-01', 200, 'income', 100, 'domain 5.6 [MEM]'),
    ('employer', '2022-01-01', 300, 'income', 100, 'domain 5.6 [MEM]'),
    ('employer', '2026-01-01', 300, 'income', 400, 'domain 5.6, alau.kz dohody-obespechennyh, lada.kz 147594'),
    ('employee', '2020-01-01', 100, 'income', 100, 'domain 5.6 [MEM]'),
    ('employee', '2021-01-01', 200, 'income', 100, 'domain 5.6 [MEM]'),
    ('employee', '2026-01-01', 200, 'income', 200, 'domain 5.6, alau.kz dohody-obespechennyh, lada.kz 147594'),
    ('contractor', '2026-01-01', 200, 'income', 200, 'zakon.kz 6494578'),
    ('sole_proprietor', '2024-01-01', 500, 'minimum_wage', 14, 'gp8.kz 7621, mgorod.kz'),
    ('self_payer', '2026-01-01', 500, 'minimum_wage', 10, 'lada.kz 147594'),
    ('self_employed', '2026-01-01', 100, 'income', NULL, 'zakon.kz 6494578, lada.kz 144664'),
    ('state', '2023-01-01', 180, 'average_wage', NULL, 'cdb.kz, mgorod.kz'),
    ('state', '2024-01-01', 190, 'average_wage', NULL, 'informburodata.com'),
    ('state', '2025-01-01', 200, 'average_wage', NULL, 'inform.kz 9bdef6'),
    ('state', '2027-01-01', 220, 'average_wage', NULL, 'inform.kz 9bdef6'),
    ('local_budget', '2026-01-01', 200, 'regional_wage', NULL, 'rus.baq.kz 300030222');
INSERT INTO registry.privilege_category (code, valid_from, payer, kk, ru, en, source) VALUES
    ('1', '2020-01-01', 'state', 'балалар',
     'дети', 'children',
     'MHI law art. 26'),
    ('2', '2020-01-01', 'state', 'жұмыссыз ретінде тіркелген адамдар',
     'зарегистрированные безработные', 'registered unemployed',
     'MHI law art. 26'),
    ('3', '2020-01-01', 'state', 'жұмыс істемейтін жүкті әйелдер',
     'неработающие беременные женщины', 'non-working pregnant women',
     'MHI law art. 26'),
    ('4', '2020-01-01', 'state', 'үш жасқа дейінгі баланы тәрбиелеп отырған жұмыс істемейтін заңды өкіл',
     'неработающий законный представитель, воспитывающий ребёнка до трёх лет', 'non-working legal representative raising a child under three',
     'MHI law art. 26'),
    ('5', '2020-01-01', 'state', 'жүктілік пен босануға, бала асырап алуға немесе үш жасқа дейінгі бала күтіміне байланысты демалыстағы адамдар',
     'лица в отпуске по беременности и родам, усыновлению или уходу за ребёнком до трёх лет', 'persons on maternity, adoption or child-care leave up to three years',
     'MHI law art. 26'),
    ('6', '2020-01-01', 'state', 'мүгедектігі бар балаға күтім жасайтын жұмыс істемейтін адамдар',
     'неработающие лица, ухаживающие за ребёнком с инвалидностью', 'non-working carers of a child with disability',
     'MHI law art. 26'),
    ('7', '2020-01-01', 'state', 'зейнетақы алушылар, оның ішінде Ұлы Отан соғысының ардагерлері',
     'получатели пенсий, в том числе ветераны Великой Отечественной войны', 'pension recipients, veterans of the Second World War included',
     'MHI law art. 26'),
    ('8', '2020-01-01', 'state', 'сот үкімімен жазасын өтеп жүрген адамдар',
     'лица, отбывающие наказание по приговору суда', 'persons serving a sentence',
     'MHI law art. 26'),
    ('9', '2020-01-01', 'state', 'тергеу изоляторларындағы адамдар',
     'лица в следственных изоляторах', 'persons in pre-trial detention',
     'MHI law art. 26'),
    ('10', '2020-01-01', 'state', 'жұмыс істемейтін қандастар',
     'неработающие кандасы', 'non-working kandas',
     'MHI law art. 26'),
    ('11', '2020-01-01', 'state', '«Алтын алқа», «Күміс алқа» немесе «Ана даңқы» ордендерімен марапатталған көпбалалы аналар',
     'многодетные матери, награждённые «Алтын алқа», «Күміс алқа» или орденами «Материнская слава»', 'mothers of many children awarded Altyn alka, Kumis alka or the Maternal Glory orders',
     'MHI law art. 26'),
    ('12', '2020-01-01', 'state', 'мүгедектігі бар адамдар',
     'лица с инвалидностью', 'persons with disability',
     'MHI law art. 26'),
    ('13', '2020-01-01', 'state', 'күндізгі оқу нысаны бойынша білім алушылар',
     'обучающиеся по очной форме', 'full-time pupils and students',
     'MHI law art. 26'),
    ('14', '2020-01-01', 'state', 'бірінші топтағы мүгедектігі бар адамға күтім жасайтын жұмыс істемейтін адамдар',
     'неработающие лица, ухаживающие за лицом с инвалидностью первой группы', 'non-working carers of a person with group I disability',
     'MHI law art. 26'),
    ('15', '2020-01-01', 'state', 'атаулы әлеуметтік көмек алатын жұмыс істемейтін адамдар',
     'неработающие получатели адресной социальной помощи', 'non-working recipients of targeted social assistance',
     'MHI law art. 26'),
    ('2', '2026-01-01', 'local_budget', 'жұмыссыз ретінде тіркелген адамдар',
     'зарегистрированные безработные', 'registered unemployed',
     'rus.baq.kz 300030222, zakon.kz 6502332');

-- --- months as bits ------------------------------------------------------------------------------

-- Bit n is the month n after January 2020: nothing earlier can decide a status of the pilot, and no
-- payment may lie more than five years ahead. `by_others` and `by_himself` are bit n on the left and on
-- the right of 480, so that one aggregate gathers both; `year_to`: the bits n-11 to n; `before`: those
-- before n.
CREATE TABLE registry.mhi_month (
    period     text PRIMARY KEY,
    first_day  date NOT NULL UNIQUE,
    by_others  bit(480) NOT NULL,
    by_himself bit(480) NOT NULL,
    year_to    bit(240) NOT NULL,
    before     bit(240) NOT NULL
);
INSERT INTO registry.mhi_month (period, first_day, by_others, by_himself, year_to, before)
SELECT to_char(first_day, 'YYYY-MM'),
       first_day,
       (repeat('0', n) || '1')::bit(480),
       (repeat('0', 240 + n) || '1')::bit(480),
       (repeat('0', greatest(n - 11, 0)) || repeat('1', least(n + 1, 12)))::bit(240),
       (repeat('1', n) || '0')::bit(240)
  FROM generate_series(0, 239) AS n,
       LATERAL (SELECT (date '2020-01-01' + make_interval(months => n))::date AS first_day) AS month;

-- What the rules say of one person on one day: the same as backend/registry/entitlement/rules.py, which
-- is where the law is read; held equal to it by tests on random histories. OFFSET 0 keeps each step from being written out again in every step
-- after it. `paid`: the months paid;
-- `by_himself`: of them, those nobody but he himself paid; `prepaid`: the months from which on twelve
-- were all paid by the end of the first of them; `covered`: bit k is the month k before that of the
-- day, touched by a category. `unpaid`: bit k is the month k + 1 before. Days from 2026 on.
CREATE FUNCTION registry.mhi_ruling(
    paid bit(240), by_himself bit(240), prepaid bit(240), covered integer, category text,
    category_to date, closed boolean, on_day date
) RETURNS TABLE (
    status text, basis text, until date, last_paid text, unpaid integer, self_payer boolean,
    steady boolean
) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN found.basis IS NULL THEN 'NOT_CONSUMER' ELSE 'CONSUMER' END,
           found.basis,
           CASE found.basis
               WHEN 'CATEGORY' THEN category_to
               WHEN 'PREPAID_12M' THEN (date '2020-01-01' + make_interval(months => i + 13 - ahead))::date - 1
               WHEN 'NO_ARREARS_12M' THEN (date '2020-01-01' + make_interval(months => i + 1))::date - 1
               WHEN 'PAID_MONTH' THEN (date '2020-01-01' + make_interval(months => i + 1))::date - 1
               WHEN 'CONTINUATION_6M' THEN (date '2020-01-01' + make_interval(months => i - ago + 7))::date - 1
               WHEN 'CONTINUATION_3M' THEN (date '2020-01-01' + make_interval(months => i - ago + 4))::date - 1
           END,
           CASE WHEN found.basis IN ('CONTINUATION_6M', 'CONTINUATION_3M')
                THEN to_char(date '2020-01-01' + make_interval(months => i - ago), 'YYYY-MM') END,
           owed,
           own AND NOT closed,
           -- nothing but a receipt or a category changes this ruling: no month is counted down
           NOT closed AND position(B'1' IN substring(paid FROM i + 1)) = 0
               AND (category IS NOT NULL AND owed = 0
                    OR found.basis IS NULL AND owed = 4095 AND covered & 1 = 0)
      FROM (
        SELECT *,
               CASE
                   WHEN closed THEN NULL
                   WHEN category IS NOT NULL THEN 'CATEGORY'
                   WHEN own AND ahead IS NOT NULL THEN 'PREPAID_12M'
                   WHEN own THEN CASE WHEN owed = 0 THEN 'NO_ARREARS_12M' END
                   WHEN recent & 1 = 1 THEN 'PAID_MONTH'
                   WHEN ago <= 6 AND position(B'0' IN substring(paid FROM i - ago - 58 FOR 60)) = 0
                       THEN 'CONTINUATION_6M'
                   WHEN ago <= 3 THEN 'CONTINUATION_3M' END AS basis
          FROM (
            SELECT *,
                   CASE WHEN closed OR ahead IS NOT NULL THEN 0
                        ELSE ~((recent | covered) >> 1) & 4095 END AS owed,
                   CASE recent >> 1 & -(recent >> 1)
                       WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 4 THEN 3 WHEN 8 THEN 4 WHEN 16 THEN 5
                       WHEN 32 THEN 6 END AS ago
              FROM (
                SELECT *,
                       CASE WHEN own AND years <> 0
                            THEN strpos(reverse(years::bit(13)::text), '1') - 1 END AS ahead
                  FROM (
                    SELECT *,
                           -- who paid the last month not after this one; else the first month after
                           CASE
                               WHEN recent <> 0 THEN recent_own & recent & -recent <> 0
                               WHEN position(B'1' IN substring(paid FROM 1 FOR i + 1)) > 0
                                   THEN get_bit(by_himself, i + 1 - strpos(
                                       reverse(substring(paid FROM 1 FOR i + 1)::text), '1')) = 1
                               WHEN position(B'1' IN paid) > 0
                                   THEN get_bit(by_himself, position(B'1' IN paid) - 1) = 1
                               ELSE false END AS own
                      FROM (
                        -- the month of the day and the twelve before it, the latest in the lowest bit
                        SELECT i,
                               substring(paid FROM i - 11 FOR 13)::bit(13)::integer AS recent,
                               substring(by_himself FROM i - 11 FOR 13)::bit(13)::integer AS recent_own,
                               substring(prepaid FROM i - 10 FOR 13)::bit(13)::integer AS years
                          FROM (SELECT (extract(year FROM on_day)::integer - 2020) * 12
                                       + extract(month FROM on_day)::integer - 1 AS i OFFSET 0) AS today
                        OFFSET 0
                      ) AS months
                    OFFSET 0
                  ) AS payer
                OFFSET 0
              ) AS year
            OFFSET 0
          ) AS facts
        OFFSET 0
      ) AS found
$$;

-- --- the status of every person ------------------------------------------------------------------

-- It stands from `judged_on` until the day before `review_on`; NULL: until something is told of him.
-- `since`: the day from which the registry has shown this status on this basis.
CREATE TABLE registry.entitlement (
    person_id  uuid PRIMARY KEY,
    paid       bit(240) NOT NULL,
    by_himself bit(240) NOT NULL,
    prepaid    bit(240) NOT NULL,
    status     text NOT NULL CHECK (status IN ('CONSUMER', 'NOT_CONSUMER')),
    basis      text CHECK (basis IN ('CATEGORY', 'PAID_MONTH', 'CONTINUATION_3M', 'CONTINUATION_6M',
                                     'PREPAID_12M', 'NO_ARREARS_12M')),
    reason     text NOT NULL CHECK (reason <> ''),
    since      date NOT NULL,
    until      date,
    category   text,
    last_paid  text,
    unpaid     smallint NOT NULL CHECK (unpaid BETWEEN 0 AND 4095),
    self_payer boolean NOT NULL,
    judged_on  date NOT NULL,
    review_on  date,
    CHECK ((status = 'CONSUMER') = (basis IS NOT NULL)),
    CHECK ((basis = 'CATEGORY') = (category IS NOT NULL) OR basis IS NULL),
    CHECK (until IS NULL OR basis IS NOT NULL),
    CHECK (since <= judged_on AND review_on > judged_on)
) PARTITION BY HASH (person_id);
CREATE INDEX entitlement_review ON registry.entitlement (review_on) WHERE review_on IS NOT NULL;
-- Who may lose the status at `until`; after a paid month care always goes on.
CREATE INDEX entitlement_until ON registry.entitlement (until)
    WHERE until IS NOT NULL AND basis <> 'PAID_MONTH';

-- Of whom something was told since he was judged; a person may stand here several times.
CREATE TABLE registry.entitlement_dirty (
    dirty_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL
);

-- A judgement of everybody (of a region): by partitions, in slices, each committed with its place.
CREATE TABLE registry.entitlement_run (
    run_id      uuid PRIMARY KEY,
    region      text CHECK (region <> ''),
    on_day      date NOT NULL,
    asked_by    text NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE TABLE registry.entitlement_run_part (
    run_id   uuid NOT NULL REFERENCES registry.entitlement_run,
    part     smallint NOT NULL CHECK (part BETWEEN 0 AND 15),
    after    uuid,
    done     bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    turned   bigint NOT NULL DEFAULT 0 CHECK (turned >= 0),
    finished boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run_id, part)
);

DO $$
DECLARE
    part integer;
    name text;
BEGIN
    FOR part IN 0..15 LOOP
        name := lpad(part::text, 2, '0');
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.entitlement '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s) WITH (fillfactor = 80)',
            'entitlement_p' || name, part
        );
        EXECUTE format(
            'ALTER TABLE registry.%I ADD FOREIGN KEY (person_id) REFERENCES registry.%I',
            'entitlement_p' || name, 'person_p' || name
        );
    END LOOP;
END $$;

-- Whatever is told of a person, whoever writes it, he is judged anew.
CREATE FUNCTION registry.told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry.entitlement_dirty (person_id) SELECT DISTINCT person_id FROM told_of;
    RETURN NULL;
END $$;
CREATE FUNCTION registry.told_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry.entitlement_dirty (person_id)
    SELECT person_id
      FROM told_of JOIN before USING (person_id)
     WHERE told_of.status <> before.status AND 'CLOSED' IN (told_of.status, before.status);
    RETURN NULL;
END $$;
CREATE TRIGGER contribution_told AFTER INSERT ON registry.contribution
    REFERENCING NEW TABLE AS told_of FOR EACH STATEMENT EXECUTE FUNCTION registry.told();
CREATE TRIGGER contribution_changed AFTER UPDATE ON registry.contribution
    REFERENCING NEW TABLE AS told_of FOR EACH STATEMENT EXECUTE FUNCTION registry.told();
CREATE TRIGGER privilege_told AFTER INSERT ON registry.privilege
    REFERENCING NEW TABLE AS told_of FOR EACH STATEMENT EXECUTE FUNCTION registry.told();
CREATE TRIGGER privilege_changed AFTER UPDATE ON registry.privilege
    REFERENCING NEW TABLE AS told_of FOR EACH STATEMENT EXECUTE FUNCTION registry.told();
CREATE TRIGGER account_changed AFTER UPDATE ON registry.account
    REFERENCING OLD TABLE AS before NEW TABLE AS told_of
    FOR EACH STATEMENT EXECUTE FUNCTION registry.told_of_account();

-- --- who may do what -----------------------------------------------------------------------------

GRANT SELECT, INSERT ON registry.minimum_wage, registry.mhi_rate, registry.privilege_category,
    registry.entitlement, registry.entitlement_run, registry.entitlement_run_part
    TO saqtau_registry;
GRANT SELECT ON registry.mhi_month TO saqtau_registry;
GRANT UPDATE ON registry.entitlement, registry.entitlement_run, registry.entitlement_run_part
    TO saqtau_registry;
GRANT SELECT, INSERT, DELETE, UPDATE ON registry.entitlement_dirty TO saqtau_registry;
GRANT SELECT ON registry.minimum_wage, registry.mhi_rate, registry.privilege_category,
    registry.entitlement TO saqtau_egov;
