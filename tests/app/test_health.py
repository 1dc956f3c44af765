"""A running service says how it is."""


async def test_a_started_service_is_ready(client) -> None:
    async with client() as http:
        answer = await http.get("/health/ready")
        assert answer.status_code == 200, answer.text
        assert {c["name"] for c in answer.json()["checks"]} == {
            "database",
            "valkey",
            "migrations",
            "clock",
        }
        assert answer.json()["ready"] is True


async def test_metrics_name_routes_not_values(client) -> None:
    async with client() as http:
        await http.get("/health/live")
        metrics = await http.get("/metrics")
        assert metrics.status_code == 200
        assert "saqtau" in metrics.text


async def test_an_unknown_address_is_a_problem_document(client) -> None:
    async with client() as http:
        answer = await http.get("/api/v1/nothing", headers={"Accept-Language": "ru"})
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"] == "NO_SUCH_ROUTE"
        assert answer.json()["title"] == "Такого адреса нет"


async def test_a_challenge_is_given_to_anyone(client) -> None:
    async with client() as http:
        answer = await http.post("/api/v1/login/challenges")
        assert answer.status_code == 201, answer.text
        assert answer.json()["document"]


async def test_without_a_session_nothing_is_told(client) -> None:
    async with client() as http:
        answer = await http.get("/api/v1/login/session")
        assert answer.status_code == 401
        assert answer.json()["code"] == "UNAUTHENTICATED"
