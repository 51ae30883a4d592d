// What the page looks like beyond the charts' style sheet, and what opens its rows.
#include "page/parts.hpp"

namespace bittrue::cli {

std::string page_style() {
    return R"(
:root { --good: #15703a; --follow: #8a5a00; --other: #6d28d9; --hot-ink: #b3261e; --tint: #f4f6f8; --hot-tint: #fdf1f0; }
@media (prefers-color-scheme: dark) { :root { --good: #5fd38d; --follow: #e2b44a; --other: #c69bff; --hot-ink: #ff9a8f; --tint: #1c2126; --hot-tint: #2a1a19; } }
body { max-width: 70rem; } h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; } code { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.symbols { position: absolute; width: 0; height: 0; } .icon { display: inline-block; width: 1em; height: 1em; fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.12em; margin-right: .45em; flex: none; }
.icon.equal { color: var(--good); } .icon.wrong, .icon.undefined, .icon.noise { color: var(--hot-ink); } .icon.follows { color: var(--follow); } .icon.moved, .icon.differs { color: var(--other); } .icon.unknown { color: var(--soft); }
.verdict { display: flex; gap: .3rem; margin: 1rem 0; padding: .9rem 1.1rem; border: 1px solid var(--rule); border-left: 5px solid var(--hot); border-radius: .4rem; background: var(--hot-tint); }
.verdict.equal { border-left-color: var(--good); background: var(--tint); } .verdict p { font-size: 1.15rem; font-weight: 600; margin: 0; } .verdict .icon { margin-top: .35rem; font-size: 1.15rem; } .verdict .first { margin-top: .4rem; font-weight: 400; }
.pipeline ol { list-style: none; display: flex; flex-wrap: wrap; gap: .6rem 1.3rem; margin: .6rem 0 1.2rem; padding: 0; } .pipeline li { position: relative; display: flex; }
.pipeline li.next::before { content: ""; position: absolute; left: -1rem; top: 50%; width: .65rem; border-top: 2px solid var(--soft); } .pipeline li.next::after { content: ""; position: absolute; left: -.68rem; top: 50%; width: .4rem; height: .4rem; border: solid var(--soft); border-width: 2px 2px 0 0; transform: translateY(-50%) rotate(45deg); margin-top: 1px; }
.stage { max-width: 21rem; display: grid; grid-template-columns: auto 1fr; align-content: start; min-width: 6.5rem; padding: .45rem .7rem; border: 1.5px solid var(--rule); border-radius: .4rem; color: var(--ink); text-decoration: none; font-size: 13px; line-height: 1.35; }
.stage .icon { grid-row: 1; font-size: 15px; margin-top: .15rem; } .stage b { font-size: 14px; overflow-wrap: anywhere; } .stage span, .stage small { grid-column: 2; font-size: 12.5px; color: var(--soft); }
.stage.wrong, .stage.undefined, .stage.noise { border-color: var(--hot-ink); background: var(--hot-tint); } .stage.wrong span { color: var(--hot-ink); font-weight: 600; } .stage.follows { border-style: dashed; border-color: var(--follow); } .stage.moved, .stage.differs { border-color: var(--other); } .stage.unknown { border-style: dotted; border-color: var(--soft); }
.stage:hover, tr.layer:hover > * { background: var(--tint); } a:focus-visible, button:focus-visible, summary:focus-visible { outline: 3px solid var(--c0); outline-offset: 2px; }
table.layers { width: 100%; } .left { text-align: left !important; } tr.layer { cursor: pointer; } tr.layer > * { padding: .35rem .7rem; }
tr.layer button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: .1rem .2rem .1rem 1.2rem; cursor: pointer; position: relative; text-align: left; border-radius: .2rem; }
tr.layer button::before { content: ""; position: absolute; left: .25rem; top: .5em; border: .3em solid transparent; border-left: .45em solid var(--soft); } tr.layer button[aria-expanded=true]::before { transform: rotate(90deg); transform-origin: 25% 50%; }
tr.layer.wrong td.left:nth-child(2) { font-weight: 600; color: var(--hot-ink); } tr.detail > td { max-width: 0; white-space: normal; text-align: left; padding: .3rem .7rem 1.4rem 1.9rem; background: none; } tr.detail table td { vertical-align: top; } .js tr.detail:not(.open) { display: none; }
.sentence { font-weight: 600; font-size: 15px; } .word { display: inline-block; padding: .25rem .5rem; background: var(--tint); border-radius: .25rem; }
.causes td.left { white-space: normal; } .causes .rank { font-weight: 600; } .changes { list-style: none; margin: 0; padding: 0; } .changes li + li { margin-top: .4rem; padding-top: .4rem; border-top: 1px dashed var(--rule); } .causes tbody tr:first-child { background: var(--tint); } .causes p.soft { font-size: 13px; } abbr { text-decoration: underline dotted; cursor: help; }
.meter { display: inline-block; width: 5rem; height: .55rem; border: 1px solid var(--soft); border-radius: .2rem; margin-right: .5rem; overflow: hidden; } .meter i { display: block; height: 100%; background: var(--c0); }
dl { margin: .3rem 0; display: flex; flex-wrap: wrap; gap: .3rem 2rem; font-size: 14px; } dt { color: var(--soft); font-size: 13px; } dd { margin: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: .4rem 2rem; align-items: start; } .figures > div { min-width: 0; } .figures svg { max-width: 34rem; } figure p { font-size: 13px; }
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .8rem 1rem; margin: .5rem 0; } .maps div { font-size: 12.5px; line-height: 1.35; max-width: 14rem; } .map { shape-rendering: crispEdges; margin-bottom: .2rem; } .long { max-width: 40rem; }
.frame { fill: none; stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke; } .mark { fill: none; stroke: var(--ink); stroke-width: 2; vector-effect: non-scaling-stroke; shape-rendering: auto; }
.h1, .h2, .h3, .h4, .h5, .h6, .h7, .h8 { fill: var(--hot); } .h1 { fill-opacity: .3; } .h2 { fill-opacity: .4; } .h3 { fill-opacity: .5; } .h4 { fill-opacity: .6; } .h5 { fill-opacity: .7; } .h6 { fill-opacity: .8; } .h7 { fill-opacity: .9; }
.shades svg { display: inline-block; width: 5rem; height: .7rem; vertical-align: middle; } .floor { stroke: var(--soft); } .above { fill: var(--c1); } .below { fill: var(--c0); }
.values .found { fill: var(--c0); fill-opacity: .5; } .values .tail { fill: var(--hot); fill-opacity: .75; } .values .wanted { fill: none; stroke: var(--ink); stroke-width: 1.3; } .end { stroke: var(--hot-ink); stroke-width: 1.4; stroke-dasharray: 4 3; } .end-label { font-size: 11px; }
.legend.values { padding-left: 2.7rem; } .swatch { display: inline-block; width: 1.3rem; height: .7rem; margin-right: .4rem; } .swatch.found { background: var(--c0); opacity: .5; } .swatch.wanted { border: 1.5px solid var(--ink); border-bottom: 0; }
.trace { font-size: 12.5px; } .trace td, .trace th { padding: .12rem .45rem; } .trace tbody td:first-child { white-space: nowrap; } .trace .group { text-align: center; } .trace .half { border-left: 2px solid var(--soft); } .trace tr.parts td { background: var(--hot-tint); font-weight: 600; border-top: 2px solid var(--hot-ink); }
ul.plain { margin: .4rem 0; padding-left: 1.2rem; font-size: 14px; } summary { cursor: pointer; font-size: 14px; } p.end { margin-top: 2rem; font-size: 13px; }
@media screen and (max-width: 46rem) { .wide, table.layers > thead { display: none; } table.layers, table.layers > tbody, tr.detail, tr.detail > td { display: block; max-width: none; } tr.detail > td { padding-left: .4rem; padding-right: .4rem; }
  tr.layer { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--rule); } tr.layer > * { border: 0; padding: .15rem .3rem; } tr.layer > td:nth-child(4) { grid-column: 1 / -1; text-align: left; padding-left: 1.5rem; color: var(--soft); } }
@media print { :root { --good: #15703a; --follow: #8a5a00; --other: #6d28d9; --hot-ink: #b3261e; --tint: #f4f6f8; --hot-tint: #fdf1f0; } .js tr.detail:not(.open) { display: table-row; } tr.detail { break-inside: auto; } tr.layer { break-after: avoid; }
  .scroll { overflow: visible; } .maps { grid-template-columns: repeat(5, 1fr); } .maps div { break-inside: avoid; } .figures { grid-template-columns: 1fr 1fr; } svg, .verdict, .stage, .causes tr, .meter i, .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  th, td { white-space: normal; padding: .2rem .4rem; } table.layers { font-size: 9pt; } tr.detail > td { padding-left: .4rem; } tr.layer button::before { display: none; } tr.layer button { padding-left: 0; } code, .causes, .causes p.soft { font-size: 8pt; } .sentence { font-size: 10.5pt; } .trace { font-size: 7pt; width: 100%; } .trace td { overflow-wrap: anywhere; } h3 { break-after: avoid; } a { color: inherit; } })";
}

std::string page_script() {
    return R"((function () {
  var rows = Array.prototype.slice.call(document.querySelectorAll('tr.layer'));
  function detail(row) { return document.getElementById(row.id + '-detail'); }
  function set(row, open) {
    row.querySelector('button').setAttribute('aria-expanded', open ? 'true' : 'false');
    detail(row).classList.toggle('open', open);
  }
  function visit(row) {
    set(row, true);
    row.querySelector('button').focus({ preventScroll: true });
    row.scrollIntoView({ block: 'start' });
  }
  rows.forEach(function (row) {
    row.addEventListener('click', function (event) {
      if (window.getSelection && String(window.getSelection()) && !event.target.closest('button')) return;
      set(row, !detail(row).classList.contains('open'));
    });
  });
  var stages = Array.prototype.slice.call(document.querySelectorAll('a.stage'));
  function target(hash) { return hash.length > 1 ? rows.filter(function (row) { return '#' + row.id === hash; })[0] : null; }
  stages.forEach(function (stage) {
    stage.addEventListener('click', function (event) {
      event.preventDefault();
      visit(target(stage.getAttribute('href')));
    });
  });
  function move(list, event) {
    var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    var at = list.indexOf(document.activeElement);
    if (!step || at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    var next = list[at + step];
    if (next) next.focus();
    event.preventDefault();
  }
  var buttons = rows.map(function (row) { return row.querySelector('button'); });
  document.addEventListener('keydown', function (event) { move(stages, event); move(buttons, event); });
  if (target(location.hash)) visit(target(location.hash));
  window.addEventListener('beforeprint', function () {
    document.querySelectorAll('details').forEach(function (d) { d.open = true; });
  });
})();)";
}

}  // namespace bittrue::cli
