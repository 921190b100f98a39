"""What light and a sensor do to a picture: uneven light, shadow, warmth, noise and JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Light:
    """How the picture is lit.

    level: brightness of the middle, 1 leaves the page as it is.  fall: (x, y) change of brightness from edge to edge.
    vignette: share lost in the corners.  warmth: red over blue, 1 is white.
    shadow: share of light lost behind a soft edge.  shadow_edge: (x, y) of the edge's middle in picture widths and
    heights, its direction in radians, its softness in picture widths.
    """

    level: float = 1.0
    fall: tuple[float, float] = (0.0, 0.0)
    vignette: float = 0.0
    warmth: float = 1.0
    shadow: float = 0.0
    shadow_edge: tuple[float, float, float, float] = (0.8, 0.8, 0.7, 0.06)


def expose(picture: Image, light: Light, noise: float, rng: np.random.Generator) -> Image:
    """Return the picture as lit and as a sensor sees it.

    picture: (H, W, 3) uint8 BGR.  noise: standard deviation, 0..255.
    """
    h, w = picture.shape[:2]
    field = cv2.resize(_field(light, h / w), (w, h), interpolation=cv2.INTER_LINEAR)
    grain = rng.standard_normal((h, w), np.float32) * np.float32(noise)
    exposed = _colour_noise((w, h), noise, rng)
    tint = light.warmth**0.5
    for channel, gain in enumerate((1 / tint, 1.0, tint)):
        exposed[:, :, channel] += picture[:, :, channel] * (field * np.float32(gain)) + grain
    return np.asarray(np.clip(exposed, 0, 255), np.uint8)


def _colour_noise(size: tuple[int, int], noise: float, rng: np.random.Generator) -> Field:
    """Return coarse coloured noise, (H, W, 3) float32: what a camera's own noise filter leaves."""
    w, h = size
    coarse = rng.standard_normal((h // 4 + 1, w // 4 + 1, 3), np.float32) * np.float32(0.6 * noise)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _field(light: Light, aspect: float) -> Field:
    """Return the light on a coarse raster of the picture, (h, w) float32; aspect: height over width."""
    x, y = np.meshgrid(np.linspace(0, 1, 129), np.linspace(0, 1, 97))
    even = light.level * (1 + light.fall[0] * (x - 0.5) + light.fall[1] * (y - 0.5))
    corner = 1 - light.vignette * ((2 * x - 1) ** 2 + (2 * y - 1) ** 2) / 2
    sx, sy, angle, soft = light.shadow_edge
    behind = ((x - sx) * np.cos(angle) + (y - sy) * aspect * np.sin(angle)) / max(soft, 1e-3)
    shade = 1 - light.shadow / (1 + np.exp(-np.clip(behind, -30, 30)))
    return np.asarray(even * corner * shade, np.float32)


def compress(picture: Image, quality: int) -> Image:
    """Return the picture after JPEG of that quality, 1..100."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
