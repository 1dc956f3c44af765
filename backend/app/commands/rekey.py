"""`saqtau registry rekey`: change the keys personal data are sealed and found under."""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from backend.app.commands import console

if TYPE_CHECKING:
    from backend.kernel.config import Config

_SHOWN_EVERY_S = 1.0


@click.command()
@click.option("--new-person-key", is_flag=True, help="begin to change the key persons are found by")
@click.option("--drop-person-key", is_flag=True, help="end it: forget the old key and its hashes")
def rekey(new_person_key: bool, drop_person_key: bool) -> None:
    """Seal everything anew under the first secret of SAQTAU_SECRET; killed, it goes on where it was.

    Progress on standard error, at the end one JSON document: `retired` names the keys whose secrets may
    be taken out of SAQTAU_SECRET. Exit 1 while something still stands under an older key.
    """
    from backend.app.runtime import configured
    from backend.kernel.config import ConfigError

    if new_person_key and drop_person_key:
        console.bad_argument("one of --new-person-key and --drop-person-key at a time")
    with configured() as config:
        try:
            document = asyncio.run(_run(config, new=new_person_key, drop=drop_person_key))
        except ConfigError as e:
            console.bad_argument(str(e), "BAD_CONFIG")
    console.answer(document, yes=bool(document["ok"]))


async def _run(config: "Config", *, new: bool, drop: bool) -> dict[str, Any]:
    import msgspec

    from backend.app import rekey as rekeying
    from backend.app.resources import open_resources
    from backend.kernel import keys
    from backend.registry.person import rehash

    tell = _teller()
    async with open_resources(config, application="saqtau-rekey") as resources:
        db, ring, now = resources.db.registry, resources.keyring, resources.clock.now()
        try:
            if new:
                number = await keys.add_person_key(db, ring, at=now)
                return {
                    "ok": True,
                    "person_key": number,
                    "next": "restart every process, then rekey",
                }
            if drop:
                gone = 0
                async for gone in rehash.drop_old(db, ring):
                    tell("person.iin_claim, old hashes deleted", gone)
                return {"ok": True, "deleted": gone}
        except ValueError as e:
            return {"ok": False, "code": "REKEY_REFUSED", "detail": str(e)}
        found: dict[str, Any] = msgspec.to_builtins(await rekeying.rekey(resources, tell))
        return found


def _teller() -> Any:
    last: dict[str, float] = {}

    def tell(what: str, count: int) -> None:
        now = time.monotonic()
        if now - last.get(what, 0.0) >= _SHOWN_EVERY_S:
            last[what] = now
            sys.stderr.write(f"{what}: {count:,}\n")
            sys.stderr.flush()

    return tell
