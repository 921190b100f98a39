"""How the gallery of failures looks, light and dark, wide and narrow, and its one script: the filters."""

from __future__ import annotations

from typing import Final

# Colours of what came of a digit are told apart by colour-blind eyes too (after Okabe and Ito).
STYLE: Final = """
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #fff; --text: #1c1b19; --dim: #6a6761; --rule: #e2dfd8;
  --right: #00805e; --confused: #c84e00; --false: #b0357f; --missed: #0067ac; --rejected: #85817a; --soft: 11%; }
@media (prefers-color-scheme: dark) { :root { --ground: #151412; --card: #1f1e1b; --text: #ece9e2; --dim: #a19d95;
  --rule: #37352f; --right: #2fbf95; --confused: #ff8b45; --false: #ee7fbe; --missed: #5db3f2; --rejected: #9a968e;
  --soft: 20%; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; font-variant-numeric: tabular-nums;
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: 1.7rem; letter-spacing: -.02em; }
h2 { font-size: 1.1rem; }
h3 { font-size: 1rem; font-weight: 600; }
p { margin: .3rem 0; }
.dim, figcaption, th { color: var(--dim); }
.lead { max-width: 44rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .6rem 0; }
th, td { text-align: right; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { font-weight: 500; }
th:first-child, td:first-child { text-align: left; }
.tallies { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .4rem 2rem;
  margin: 1.2rem 0; font-size: .9rem; }
.tallies ul { margin: .2rem 0; padding: 0; list-style: none; }
.tallies li { display: flex; gap: .6rem; }
.tallies li b { min-width: 2.2rem; text-align: right; font-weight: 600; }
nav { position: sticky; top: 0; z-index: 5; padding: .6rem 0; margin: .6rem 0; background: var(--ground);
  display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; border-bottom: 1px solid var(--rule); }
nav select { font: inherit; font-size: .88rem; padding: .25rem .5rem; border: 1px solid var(--rule);
  border-radius: .5rem; background: var(--card); color: inherit; max-width: 100%; }
nav output { margin-left: auto; font-size: .85rem; color: var(--dim); }
article { background: var(--card); border: 1px solid var(--rule); border-radius: .8rem; padding: 1rem 1.1rem;
  margin: 1.1rem 0; scroll-margin-top: 4rem; }
article header { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
article header a { color: inherit; text-decoration: none; }
article header a:hover { text-decoration: underline; }
.tag { font-size: .78rem; color: var(--dim); border: 1px solid var(--rule); border-radius: 1rem; padding: 0 .5rem; }
.sum { margin-left: auto; font-weight: 600; white-space: nowrap; }
.note { font-size: .9rem; }
.strip { display: flex; flex-wrap: wrap; gap: .3rem 0; margin: .7rem 0; font: 600 1.15rem/1.25 ui-monospace,
  "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.strip .names { font: .78rem/1.43rem system-ui, sans-serif; color: var(--dim); margin-right: .7rem; }
.strip .names span, .strip u > * { display: block; height: 1.43rem; }
.strip .line { display: flex; flex-wrap: wrap; }
.strip .line + .line { border-left: 1px solid var(--rule); padding-left: .45rem; margin-left: .45rem; }
.strip u { text-decoration: none; text-align: center; width: 1.15rem; border-radius: .25rem; }
.strip u > * { font: inherit; }
.strip u > :first-child { color: var(--dim); }
.strip .confused, .strip .false, .strip .missed { background: color-mix(in srgb, var(--own) 18%, transparent); }
.strip .confused > *, .strip .false > *, .strip .missed > * { color: var(--own) !important; }
.confused { --own: var(--confused); } .false { --own: var(--false); } .missed { --own: var(--missed); }
.right { --own: var(--right); } .rejected { --own: var(--rejected); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .9rem;
  align-items: start; margin: .8rem 0; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .8rem; margin-top: .25rem; }
.shown { position: relative; display: block; width: fit-content; max-width: 100%; margin: 0 auto; }
.shown > img { display: block; border-radius: .35rem; max-width: 100%; max-height: 34rem; height: auto; width: auto; }
.shown svg { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.shown polygon { fill: none; stroke: #56b4e9; stroke-width: 2px; stroke-dasharray: 6 4;
  vector-effect: non-scaling-stroke; }
.shown i { position: absolute; border: 1.5px solid var(--own); border-radius: 2px; min-width: 4px; min-height: 4px; }
.shown i.rejected { border: 1px dashed #8b8b8b; }
.shown i.confused, .shown i.false { border-width: 2.5px; box-shadow: 0 0 0 1px #fff8; }
.shown i.listed.rejected { border: 2px dashed var(--missed); }
.key, .shown b { font: 600 .72rem/1.05rem system-ui, sans-serif; min-width: 1.05rem; padding: 0 .2rem; color: #fff;
  background: var(--own); border-radius: .5rem; text-align: center; display: inline-block; }
.rejected > .key, .shown .rejected b { background: #00639f; }
.confused > .key, .shown .confused b { background: #b84700; } .false > .key, .shown .false b { background: #a22a72; }
.shown b { position: absolute; left: -.4rem; top: -.6rem; opacity: .93; }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
ol > li { border-top: 1px solid var(--rule); padding: .7rem 0 .3rem; }
ol > li.missed { grid-column: 1 / -1; }
h3 em { font: 700 1.15rem/1 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--own); }
.inks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); gap: .8rem 2rem;
  margin: .6rem 0; }
.seen { display: grid; grid-template-columns: 1.4rem repeat(3, 5.2rem) minmax(9rem, 1fr); gap: .4rem;
  align-items: start; }
.seen img, .others img { display: block; border-radius: .25rem; background: #000; }
.seen > img { width: 100%; height: auto; aspect-ratio: 1; object-fit: contain;
  background: color-mix(in srgb, var(--dim) 14%, transparent); }
.seen > img.glyph, .others img { image-rendering: pixelated; background: #000; }
.told { font-size: .86rem; min-width: 0; padding-left: .3rem; }
.told p { margin: 0 0 .2rem; line-height: 1.3; }
.seen dl { margin: 0; display: grid; grid-template-columns: max-content 1fr max-content; gap: 0 .5rem;
  font-size: .82rem; line-height: 1.4; align-items: center; }
.seen dt { font-weight: 600; } .seen dd { margin: 0; }
.seen meter { width: 100%; height: .5rem; appearance: none; border: 0; background: var(--rule); border-radius: 1rem;
  display: block; }
.seen meter::-webkit-meter-bar { background: var(--rule); border: 0; border-radius: 1rem; height: .5rem; }
.seen meter::-webkit-meter-optimum-value { background: var(--own, var(--dim)); border-radius: 1rem; }
.seen meter::-moz-meter-bar { background: var(--own, var(--dim)); border-radius: 1rem; }
.others { display: flex; flex-wrap: wrap; gap: .35rem .6rem; font-size: .78rem; color: var(--dim);
  align-items: center; margin-top: .3rem; }
.others span { display: inline-flex; align-items: center; gap: .25rem; }
.others img { width: 28px; height: 28px; }
@media (prefers-color-scheme: dark) { img.paper { filter: invert(1) hue-rotate(180deg); } }
@media (max-width: 40rem) {
  body { padding: 1rem .7rem 3rem; } article { padding: .8rem; } .sum { margin-left: 0; }
  .seen { grid-template-columns: 1.4rem repeat(3, minmax(0, 6.6rem)); }
  .told { grid-column: 2 / -1; padding: 0; max-width: 20.6rem; } }
@media print { nav { display: none; } article { break-inside: avoid; } }
[hidden] { display: none !important; }
"""

SCRIPT: Final = """
const cards = [...document.querySelectorAll("article")], filters = [...document.querySelectorAll("nav select")];
const told = document.querySelector("nav output");
const sift = () => {
  const wanted = filters.map(f => f.value).filter(Boolean);
  for (const card of cards) {
    const tags = JSON.parse(card.dataset.tags);
    card.hidden = !wanted.every(tag => tags.includes(tag));
  }
  told.textContent = `${cards.filter(card => !card.hidden).length} of ${cards.length} shown`;
};
for (const filter of filters) filter.addEventListener("change", sift);
document.querySelector("nav").hidden = false;
sift();
"""
