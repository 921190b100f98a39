"""The sound of a clip, packet by packet as it is in the file: it is copied beside the pictures, never encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from realtime.addresses import without_password
from realtime.clips import demuxed
from realtime.part import WHOLE, Part

if TYPE_CHECKING:
    from av import AudioStream, CodecContext, Packet
    from av.container import InputContainer
    from av.stream import Stream


_PATIENCE: Final = 10.0
"""Seconds a server has to answer."""


class Sound:
    """The sound of a clip under way.

    whole: set once all pictures of the clip were taken: then its sound goes on to its own end, otherwise only as long
    as the pictures do.
    """

    def __init__(self, container: InputContainer, name: str, part: Part) -> None:
        self.name, self.whole = name, False
        self.streams: tuple[AudioStream, ...] = tuple(container.streams.audio)
        self._container, self._part = container, part
        self._packets: Iterator[Packet[Stream]] = iter(())
        self._next: Packet[Stream] | None = None
        self._start = 0.0

    @property
    def kind(self) -> str:
        """How FFmpeg calls the ways in which it is coded."""
        contexts: list[CodecContext | None] = [stream.codec_context for stream in self.streams]
        return ", ".join(sorted({context.name if context else "of no known kind" for context in contexts}))

    def begin(self, start: float) -> None:
        """Go to the second of the clip that becomes 0."""
        self._start = start
        self._packets = self._demuxed()
        self._next = next(self._packets, None)

    def packets(self, until: float | None) -> Iterator[Packet[Stream]]:
        """Yield the packets that begin before `until` (None: all), in seconds from the beginning; each once."""
        while self._next is not None and (until is None or _begins(self._next) < until):
            yield self._next
            self._next = next(self._packets, None)

    def _demuxed(self) -> Iterator[Packet[Stream]]:
        """Yield the packets of the part, their times counted from its beginning; a fault ends them."""
        import av

        opened = (self._container.start_time or 0) / 1_000_000
        try:
            if self._start:
                self._container.seek(round((self._start + opened) * 1_000_000), backward=True)
            for packet in demuxed(self._container, *self.streams):
                if packet.pts is None or packet.time_base is None:  # the flushing packets at the end
                    continue
                at = float(packet.pts * packet.time_base) - opened
                if at >= self._part.end:
                    return
                if at >= self._start or not self._start:  # before 0 is what a decoder needs to get going
                    yield _earlier(packet, self._start + opened)
        except av.FFmpegError:  # the pictures come from the same file: reading them tells of it
            return


@contextmanager
def open_sound(path: str, part: Part = WHOLE) -> Iterator[Sound | None]:
    """Open the sound of the clip at `path`; None where it has none. Whether the clip can be read is told elsewhere."""
    import av

    try:
        container = av.open(path, "r", timeout=_PATIENCE, metadata_errors="replace")
    except (av.FFmpegError, OSError):
        yield None
        return
    with container:
        if container.streams.audio:
            yield Sound(container, without_password(path), part)
            return
    yield None  # and the file is closed: a server need not wait for us


def _begins(packet: Packet[Stream]) -> float:
    return float((packet.pts or 0) * (packet.time_base or 0))


def _earlier(packet: Packet[Stream], by: float) -> Packet[Stream]:
    """Return the packet, its times `by` seconds earlier."""
    shift = round(by / packet.time_base) if packet.time_base else 0
    packet.pts = packet.pts - shift if packet.pts is not None else None
    packet.dts = packet.dts - shift if packet.dts is not None else None
    return packet
