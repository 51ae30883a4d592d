// What the page's charts look like, and the little script that shows a point's text while it is hovered or focused.
#include "bittrue/explore/chart.hpp"

namespace bittrue::explore {

std::string chart_style() {
    return R"(:root { color-scheme: light dark; --paper: #fff; --ink: #1a1d21; --soft: #5b636d; --rule: #d9dde2; --hot: #b3261e; --on: #fff;
  --c0: #0b5fa5; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce; --c4: #a16207; --c5: #0e7490; --c6: #be185d; --c7: #4b5563; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8eaed; --soft: #a3abb5; --rule: #343a41; --hot: #c8372d; --on: #fff;
  --c0: #6cb6ff; --c1: #ff9d5c; --c2: #5fd38d; --c3: #c69bff; --c4: #e2c04a; --c5: #5cd0e6; --c6: #ff8fc2; --c7: #b4bcc6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; } p { margin: .3rem 0; } .soft { color: var(--soft); }
figure { margin: 1rem 0 0; } figcaption { font-weight: 600; } svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--ink); font-size: 12px; } svg .tick { fill: var(--soft); } svg .axis { fill: var(--soft); font-size: 13px; }
svg .on { fill: var(--on); font-size: 11px; } svg .off { font-size: 11px; }
.grid { stroke: var(--rule); stroke-width: 1; } polyline { fill: none; } polyline, .key line { stroke-width: 1.8; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); stroke-dasharray: 7 3; } .s2 { stroke: var(--c2); stroke-dasharray: 2 3; } .s3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
.s4 { stroke: var(--c4); stroke-dasharray: 4 2; } .s5 { stroke: var(--c5); stroke-dasharray: 12 3; } .s6 { stroke: var(--c6); stroke-dasharray: 3 5; } .s7 { stroke: var(--c7); }
.p0 { fill: var(--c0); } .p1 { fill: var(--c1); } .p2 { fill: var(--c2); } .p3 { fill: var(--c3); } .p4 { fill: var(--c4); } .p5 { fill: var(--c5); } .p6 { fill: var(--c6); } .p7 { fill: var(--c7); }
.point { stroke: var(--paper); stroke-width: 1; } .point:hover, .point:focus { stroke: var(--ink); stroke-width: 2.5; outline: none; }
.empty { fill: none; stroke: var(--rule); } .hot { fill: var(--hot); } .cell:focus { outline: none; } .cell:hover .empty, .cell:focus .empty { stroke: var(--ink); stroke-width: 2.5; }
.legend { list-style: none; margin: .2rem 0 0; padding: 0 0 0 3rem; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; font-size: 14px; } .key { display: inline-block; width: 28px; margin-right: .5rem; vertical-align: middle; }
#tip { position: fixed; pointer-events: none; visibility: hidden; background: var(--ink); color: var(--paper); padding: .45rem .65rem; border-radius: .3rem; font-size: 13px; line-height: 1.4; white-space: pre-line; max-width: 24rem; z-index: 1; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; } th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } tr.front td { font-weight: 600; }
@media print { :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #bbb; --hot: #b3261e; --on: #fff; --c0: #0b5fa5; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce; --c4: #a16207; --c5: #0e7490; --c6: #be185d; --c7: #4b5563; }
  body { max-width: none; padding: 0; font-size: 11pt; } figure, tr { break-inside: avoid; } .hot { print-color-adjust: exact; -webkit-print-color-adjust: exact; } #tip { display: none; } })";
}

std::string chart_script() {
    return R"((function () {
  var tip = document.getElementById('tip');
  function show(event) {
    var target = event.target.closest ? event.target.closest('.point, .cell') : null;
    if (!target) { tip.style.visibility = 'hidden'; return; }
    tip.textContent = target.getAttribute('aria-label');
    var box = target.getBoundingClientRect(), left = box.right + 10, top = box.top - 8;
    if (left + tip.offsetWidth > window.innerWidth - 8) left = box.left - tip.offsetWidth - 10;
    if (top + tip.offsetHeight > window.innerHeight - 8) top = window.innerHeight - tip.offsetHeight - 8;
    tip.style.left = Math.max(8, left) + 'px';
    tip.style.top = Math.max(8, top) + 'px';
    tip.style.visibility = 'visible';
  }
  function hide() { tip.style.visibility = 'hidden'; }
  var own = document.querySelectorAll('.point > title, .cell > title');
  for (var i = 0; i < own.length; ++i) own[i].parentNode.removeChild(own[i]);
  document.addEventListener('mouseover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('focusout', hide);
  window.addEventListener('scroll', hide);
  document.addEventListener('keydown', function (event) {
    var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    var at = document.activeElement;
    if (event.key === 'Escape') hide();
    if (!step || !at || !at.closest('svg')) return;
    var all = Array.prototype.slice.call(at.closest('svg').querySelectorAll('.point, .cell'));
    var next = all[all.indexOf(at) + step];
    if (next) { next.focus(); event.preventDefault(); }
  });
})();)";
}

}  // namespace bittrue::explore
