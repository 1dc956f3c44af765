"""The state databases' stand-ins, as their own tests have them."""

from tests.registry.state_event.conftest import centre, sandbox, tell, world

__all__ = ["centre", "sandbox", "tell", "world"]
