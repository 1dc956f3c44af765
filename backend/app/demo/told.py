"""Pointers the story leaves for the checks: ids and names, never results."""

from typing import Any

import msgspec

from infra.sandbox.country.clinics import ClinicData
from infra.sandbox.country.people import PersonData


class Patient(msgspec.Struct, frozen=True):
    """Somebody attached to a clinic; `number` counts the clinic's patients from 0."""

    person: PersonData
    clinic: ClinicData
    number: int


class Told(msgspec.Struct):
    """Where to look. Filled chapter by chapter."""

    organisation_ids: dict[str, str] = {}
    facility_ids: dict[str, list[str]] = {}
    plan_id: str = ""
    announcement_id: str = ""
    decision_id: str = ""
    late: ClinicData | None = None
    late_command: dict[str, Any] = {}
    forged_request: dict[str, str] = {}
    citizen: PersonData | None = None
    citizen_token: str = ""
    other_citizen_token: str = ""
    patients: list[Patient] = []
    act_ids: dict[str, str] = {}
    doubled_act: dict[str, Any] = {}
    doubled_clinic: ClinicData | None = None
    suspended_act_id: str = ""
    sample_id: str = ""
    monitored_id: str = ""
    monitoring_id: str = ""
    service_request_id: str = ""
    chat_id: int = 0
    tracking_number: str = ""
