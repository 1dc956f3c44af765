"""What the handlers of this wing share: examples for the OpenAPI."""

SIGNED_EXAMPLE = {"document": "eyJvcGVyYXRpb24iOi…", "signature": "MIIF…"}
PLAN_ID = "01980000-0000-7000-8000-0000000000a1"
ANNOUNCEMENT_ID = "01980000-0000-7000-8000-0000000000a2"
LINE_ID = "01980000-0000-7000-8000-0000000000a3"
PLAN = {
    "plan_id": PLAN_ID,
    "year": 2026,
    "version": 1,
    "status": "DRAFT",
    "lines": 100,
    "gvfmc_tiyn": 110000000000000,
    "gvfmc_limit_tiyn": 120000000000000,
    "mhi_tiyn": 150000000000000,
    "mhi_limit_tiyn": 150000000000000,
    "imported_at": "2026-04-03T05:00:00Z",
    "approved_at": None,
    "published_at": None,
}
LINE = {
    "line_id": LINE_ID,
    "code": "2026-mhi-75-cdc",
    "source": "mhi",
    "region": "75",
    "service_type": "cdc",
    "care_form": "ambulatory",
    "title_kk": "Консультациялық-диагностикалық көмек",
    "title_ru": "Консультативно-диагностическая помощь",
    "unit": "service",
    "planned_units": 2500,
    "tariff_tiyn": 1234567,
    "amount_tiyn": 3086417500,
    "base_kind": "capacity",
    "payment_method": "per_service",
    "lot": False,
    "phc_full": False,
    "v_max_percent": 25,
}
ANNOUNCEMENT = {
    "announcement_id": ANNOUNCEMENT_ID,
    "plan_id": PLAN_ID,
    "year": 2026,
    "status": "ACCEPTING",
    "posted_at": "2026-04-10T05:00:00Z",
    "accepting_until": "2026-04-17T18:59:59.999999Z",
    "lines": 100,
    "amount_tiyn": 260000000000000,
    "applications": 0,
}
