"""A child process that must not outlive its parent, even one ended by kill -9.

The parent keeps the writing end of a pipe; when it goes, however it goes, the kernel closes that
end, the child reads end-of-file and ends itself in good order.
"""

import os
import signal
import threading

VARIABLE = "SAQTAU_LIFELINE_FD"


def watch() -> None:
    """End this process (SIGTERM) when the parent named in the environment is gone."""
    number = os.environ.pop(VARIABLE, "")
    if not number.isdigit():
        return
    fd = int(number)
    os.set_inheritable(fd, False)

    def wait() -> None:
        while os.read(fd, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
