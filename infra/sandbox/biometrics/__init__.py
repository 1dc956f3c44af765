"""Two biometric providers that have nothing in common but what they are asked. No image exists in either."""

from infra.sandbox.biometrics import jws, signed_json

HANDLERS = [*signed_json.HANDLERS, *jws.HANDLERS]
