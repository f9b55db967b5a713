"""How the program ends: quickly; and quietly, at any moment, when a person interrupts it."""

from __future__ import annotations

import _thread
import atexit
import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from supplychain_screen.own_process import owning

__all__ = ["INTERRUPTED", "end_well"]

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells say of any program."""


def end_well(run: Callable[[], None]) -> NoReturn:
    """Run the program and exit; an interrupt is one line and the exit code 130.

    Whatever an interrupted import or a library raises instead of KeyboardInterrupt is taken for
    the interrupt that it comes from. A second interrupt ends the program on the spot: every file
    and store is written so that this harms nothing.
    """
    interrupts: list[int] = []
    # Ignored, as behind nohup, it stays ignored; inside another program it is that one's.
    own = sys.stdout is sys.__stdout__
    if own and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        _listen(interrupts)
    if own:
        _collect_seldom()
    code: Any = 0
    try:
        with owning() if own else contextlib.nullcontext():
            run()
    except SystemExit as leaving:
        code = leaving.code
    except BaseException:
        if not interrupts:
            raise
    if interrupts:
        code = INTERRUPTED
    try:
        if interrupts:
            print("interrupted", file=sys.stderr)
        sys.stdout.flush()
    except SystemExit as leaving:
        code = leaving.code
    finally:
        if own and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def _collect_seldom() -> None:
    """Spare a short run the garbage collections that only look through what is imported.

    Half a million objects of libraries live until the end: looking through them again and again
    while they are made, and thrice when the interpreter ends, takes a quarter of a screen's time.
    """
    gc.set_threshold(700_000, 20, 50)
    # Registered first, it runs last: what other libraries do at the end is done by then.
    atexit.register(gc.freeze)


def _listen(interrupts: list[int]) -> None:
    def interrupt(number: int, _frame: FrameType | None) -> None:
        interrupts.append(number)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        if not interrupts:
            sys.__unraisablehook__(what)
        elif what.exc_type is KeyboardInterrupt:
            # It arrived in a place that nothing can be raised from: once more, elsewhere.
            signal.signal(signal.SIGINT, interrupt)
            _thread.interrupt_main()

    signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = unraisable
