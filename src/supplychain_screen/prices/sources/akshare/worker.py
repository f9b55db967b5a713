"""The process in which AkShare runs: one call after another, and killed when one hangs.

Most functions of AkShare have no time-out, print as they go, and run JavaScript that a server
sent. Run as ``python -m supplychain_screen.prices.sources.akshare.worker``: a line of JSON in for
each call, a line of JSON out with the frame or the error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

__all__ = ["main"]


def main() -> None:
    """Answer calls until the input ends."""
    # What AkShare prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        import akshare
    except ImportError as error:
        _say(answers, {"error": "ImportError", "message": str(error)})
        return
    _say(answers, {"ready": getattr(akshare, "__version__", "")})
    for line in sys.stdin:
        call = json.loads(line)
        try:
            frame = getattr(akshare, call["function"])(**call["arguments"])
            answer = {
                "columns": [str(column) for column in frame.columns],
                "rows": frame.astype(object).where(frame.notna(), None).to_numpy().tolist(),
            }
        # Whatever AkShare raises belongs to this call alone; the caller decides what it means.
        except Exception as error:  # noqa: BLE001
            answer = {
                "error": type(error).__name__,
                "transport": isinstance(error, OSError),
                "message": str(error)[:500],
            }
        _say(answers, answer)


def _say(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer, default=str) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
