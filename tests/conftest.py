"""What holds for every test: Ctrl-C works in the processes they start, however the tests themselves were started."""

from __future__ import annotations

import signal

# A shell without job control lets what runs behind it ignore SIGINT, and children would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
