"""A summary of a clip as text: JSON, CSV, a table for people; and subtitles. Made purely, written elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from realtime.part import clock
from realtime.spans import Seen, Span, lasting

SCHEMA: Final = "digits.summary/1"


def as_json(every: Sequence[Seen], source: Mapping[str, Any]) -> str:
    """Return the summary as one JSON object; `source` is what records say about the clip."""
    numbers = [
        {
            "text": seen.text,
            "confidence": round(seen.confidence, 4),
            "seen_s": round(seen.seconds, 3),
            "spans": [_fields(span) for span in seen.spans],
        }
        for seen in every
    ]
    return json.dumps({"schema": SCHEMA, "source": dict(source), "numbers": numbers}, indent=1) + "\n"


def _fields(span: Span) -> dict[str, float]:
    return {"from_s": round(span.start, 3), "to_s": round(span.end, 3)}


def as_csv(every: Sequence[Seen]) -> str:
    """Return a row for each span: number, from and to in seconds, the number's confidence."""
    rows = [
        f"{seen.text},{span.start:.3f},{span.end:.3f},{seen.confidence:.4f}" for seen in every for span in seen.spans
    ]
    return "\n".join(["number,from_s,to_s,confidence", *rows]) + "\n"


def as_table(every: Sequence[Seen]) -> str:
    """Return the summary for people: a row for each span; its times are as --from and --to take them."""
    if not every:
        return "no numbers\n"
    width = max(len("number"), *(len(seen.text) for seen in every))
    rows = [f"{'number':{width}}  {'from':>10}  {'to':>10}  confidence"]
    for seen in every:
        for i, span in enumerate(seen.spans):
            text, share = (seen.text, f"{int(seen.confidence * 100 + 1e-9)}%") if i == 0 else ("", "")
            rows.append(f"{text:{width}}  {clock(span.start):>10}  {clock(span.end):>10}  {share:>10}".rstrip())
    return "\n".join(rows) + "\n"


def as_srt(moments: Sequence[tuple[float, str]], end: float) -> str:
    """Return subtitles (SubRip) of texts that are each shown until the next one; an empty text shows nothing.

    moments: (seconds, text), in order; the last one lasts until `end`.
    """
    shown = [(_stamp(a), _stamp(b), text) for a, b, text in lasting(moments, end) if text]
    cues = [f"{a} --> {b}\n{text}\n" for a, b, text in shown if a < b]
    return "\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1))


def _stamp(seconds: float) -> str:
    """Return a time as SubRip writes it; two digits of hours at least, so that stamps sort as times do below 100 h."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
