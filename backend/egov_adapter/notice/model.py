"""Notices and what people chose."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

Chat = Annotated[str, Meta(pattern=r"^-?[0-9]{1,19}\Z")]  # Telegram's number of a chat
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=100)]


class Topic(StrEnum):
    """What one may choose to be told of."""

    POLICY_ISSUED = "POLICY_ISSUED"
    SERVICE_BILLED = "SERVICE_BILLED"
    COMPLAINT_ANSWERED = "COMPLAINT_ANSWERED"  # and whatever status comes before the answer
    STATUS_LAPSING = "STATUS_LAPSING"


class Language(StrEnum):
    """The reader's language."""

    KK = "kk"
    RU = "ru"
    EN = "en"


class State(StrEnum):
    """Where a notice stands; the last three are for ever."""

    DUE = "DUE"
    CLAIMED = "CLAIMED"
    SENT = "SENT"
    UNSURE = "UNSURE"
    BLOCKED = "BLOCKED"


class Quiet(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """From when to when nothing is told, in Kazakhstan's time; it may run over midnight."""

    start: Clock
    end: Clock

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("quiet hours begin and end at different times")


class Choice(msgspec.Struct, frozen=True):
    """What this person is told of, when not, and in which language; no topics: nothing is told."""

    topics: tuple[Topic, ...]
    quiet: Quiet | None
    language: Language | None


class ConnectChat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person chose in a chat. The bot proves the chat, `token` (the citizen's session) the person."""

    chat: Chat
    token: Token
    language: Language
    topics: frozenset[Topic]
    quiet: Quiet | None = None


class LeaveChat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing is told in this chat any more."""

    chat: Chat


class SpeakInChat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told in this chat is told in that language."""

    chat: Chat
    language: Language


class ClaimNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bot takes the next notice. The same `claim_id` again gets the same notice."""

    claim_id: UUID


class Outcome(StrEnum):
    """What became of a notice in the bot's hands."""

    SENT = "SENT"
    BLOCKED = "BLOCKED"  # the person has blocked the bot
    UNSURE = "UNSURE"  # the connection broke while it was told
    LATER = "LATER"  # certainly not told: it is due again


class ReportNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of it; `retry_after_s` with LATER."""

    claim_id: UUID
    outcome: Outcome
    retry_after_s: Annotated[int, Meta(ge=0, le=3600)] = 30


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a notice says, by topic. Never a name, an illness, a clinic or a service.

    POLICY_ISSUED: `valid_from`, `valid_to`; SERVICE_BILLED: `count`; COMPLAINT_ANSWERED: `number`,
    `outcome` (its status: in review, forwarded, or how it was answered); STATUS_LAPSING: `until`.
    """

    valid_from: date | None = None
    valid_to: date | None = None
    count: int | None = None
    number: str | None = None
    outcome: str | None = None
    until: date | None = None


class Notice(msgspec.Struct, frozen=True):
    """A notice to be told in a chat."""

    chat: str
    language: Language
    topic: Topic
    facts: Facts


class Claimed(msgspec.Struct, frozen=True):
    """The notice the bot is to tell; None: nothing is due."""

    notice: Notice | None


class OwnNotice(msgspec.Struct, frozen=True):
    """A notice as its person reads it."""

    notice_id: UUID
    topic: Topic
    facts: Facts
    created_at: datetime
    state: State


class ChatRow(msgspec.Struct, frozen=True):
    """A row of egov.notice_chat."""

    person_id: UUID
    topics: tuple[Topic, ...]
    quiet_from: int | None
    quiet_to: int | None
    language: Language


class Place(msgspec.Struct, frozen=True):
    """The next notice, and when it may be told."""

    person_id: UUID
    notice_id: UUID
    open_at: datetime


class ClaimedRow(msgspec.Struct, frozen=True):
    """A claimed notice and where it goes."""

    person_id: UUID
    state: State
    topic: Topic
    facts: Facts
    chat_hash: bytes
    sealed: bytes
    language: Language


class Ending(msgspec.Struct, frozen=True):
    """Somebody who chose to know, whose status ends after `until`."""

    person_id: UUID
    until: date
