"""The outside systems' stand-ins, as the state databases' tests have them."""

from tests.registry.state_event.conftest import centre, sandbox, tell, world

__all__ = ["centre", "sandbox", "tell", "world"]
