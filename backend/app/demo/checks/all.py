"""The list of checks, in the order they are shown."""

from collections.abc import Awaitable, Callable

from backend.app.demo.checks import allocation, citizens, oversight, payments, registry, visits
from backend.app.demo.model import Check
from backend.app.demo.screen import Chapter
from backend.app.demo.told import Told
from backend.app.demo.world import World

CHECKS: tuple[tuple[str, Callable[[World, Told], Awaitable[Check]]], ...] = (
    ("policies-issued", registry.policies_issued),
    ("executors-ready", registry.executors_ready),
    ("identities-sealed", registry.identities_sealed),
    ("late-application-refused", allocation.late_application_refused),
    ("forged-signature-refused", allocation.forged_signature_refused),
    ("holidays-kept", allocation.holiday_inside_window),
    ("applications-in-order", allocation.applications_in_order),
    ("shares-exact", allocation.shares_within_plan),
    ("decision-replayed", allocation.decision_replayed),
    ("contracts-signed-both", allocation.contracts_signed_both),
    ("visits-graded", visits.visits_graded),
    ("forged-code-refused", visits.forged_code_refused),
    ("duplicate-act-refused", payments.duplicate_act_refused),
    ("acts-signed-in-order", payments.acts_signed_in_order),
    ("suspension-s3-and-resumed", payments.suspension_s3_and_resumed),
    ("payment-once-despite-lost-answer", payments.payment_once_despite_lost_answer),
    ("register-13-columns", payments.register_13_columns),
    ("ledger-balanced", payments.ledger_balanced),
    ("monitoring-noticed-and-signed", oversight.monitoring_noticed_and_signed),
    ("sampled-line-explained", oversight.sampled_line_explained),
    ("terms-kept", registry.terms_kept),
    ("log-verified", registry.log_verified),
    ("citizen-status-explained", citizens.status_explained),
    ("foreign-bill-hidden", citizens.foreign_bill_hidden),
    ("state-service-given", citizens.state_service_given),
    ("bot-dispute-registered", citizens.bot_dispute_registered),
    ("no-dead-letters", registry.no_dead_letters),
    ("no-personal-data-in-logs", registry.no_personal_data_in_logs),
)
NUMBER = len(CHECKS)


async def all_checks(world: World, told: Told, chapter: Chapter) -> list[Check]:
    """Run every check; one that breaks has failed, and says how."""
    found = []
    for name, check in CHECKS:
        chapter.step(note=name)
        try:
            result = await check(world, told)
        except Exception as e:  # whatever went wrong, the promise is not shown to hold
            result = Check(name, ok=False, detail=f"{type(e).__name__}: {e}"[:300])
        found.append(result)
    return found
