from typing import Any


async def tell(*a: Any) -> None: ...
