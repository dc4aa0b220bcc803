/** The style of the page. It follows the reader's choice of light or dark, and prints in black on white. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--muted:#57606a;--line:#d0d7de;--soft:#f4f6f8;--done:#1a7f37;--failed:#b3202c;--running:#0b57d0;--asking:#8a5a00;--tool:#0b57d0;--turn:#9cc2f5;--attempt:#dfe5eb}
@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6edf3;--muted:#9aa7b4;--line:#30363d;--soft:#171c23;--done:#56d364;--failed:#ff8a80;--running:#79b8ff;--asking:#e3b341;--tool:#79b8ff;--turn:#2d5a8c;--attempt:#2a313a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:70rem;margin:0 auto;padding:1rem 1.25rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.25rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0;display:inline;overflow-wrap:anywhere}
p{margin:.4rem 0;overflow-wrap:anywhere}
.muted,figcaption{color:var(--muted);font-size:.9rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem 1.25rem;margin:.75rem 0}
dl.wide{grid-template-columns:1fr}
dt{color:var(--muted);font-size:.85rem}
dd{margin:0;overflow-wrap:anywhere}
article{margin:0 0 1.25rem}
.badge{display:inline-block;padding:.1rem .6rem;border:1px solid currentColor;border-radius:1rem;font-size:.9rem;font-weight:600;vertical-align:middle}
.state{font-size:.9rem;font-weight:600;white-space:nowrap}
.done,.Completed{color:var(--done)}.failed,.Failed,.TimedOut,.BudgetExceeded{color:var(--failed)}.running,.Running{color:var(--running)}.asking{color:var(--asking)}.waiting,.skipped{color:var(--muted)}
.scroll{overflow-x:auto;margin:.5rem 0}
:focus-visible{outline:2px solid var(--running);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);max-width:28rem;overflow-wrap:anywhere}
td,th{min-width:4.5rem}td:first-child{min-width:6rem}td.long{min-width:14rem}.when{white-space:nowrap}
thead th{color:var(--muted);font-weight:600;white-space:nowrap}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.total{font-weight:600}
pre,code{font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.4rem 0;padding:.6rem .75rem;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;max-height:40rem;overflow-y:auto}
details{margin:.5rem 0;padding:.5rem .75rem;border:1px solid var(--line);border-radius:6px}
summary{cursor:pointer}
.md{overflow-wrap:anywhere}.md table{display:block;overflow-x:auto}.md h4,.md h5,.md h6{font-size:1rem;margin:.8rem 0 .3rem}
.outcome{padding:.25rem 1rem;border-left:4px solid var(--line);background:var(--soft);border-radius:0 6px 6px 0}
.mail{list-style:none;padding:0;margin:0}.mail li{margin:0 0 1rem}
img{max-width:100%;height:auto}
svg{display:block}
.graph text{font:13px system-ui,sans-serif;fill:var(--fg)}
.node rect{fill:var(--bg);stroke:currentColor;stroke-width:1.5}.node.waiting rect,.node.skipped rect{stroke-dasharray:4 3}
.edge{fill:none;stroke:var(--muted);stroke-width:1.2}
.timeline .row{margin:.6rem 0}.timeline .who{font-weight:600;margin-right:.5rem}
.timeline svg{width:100%;height:20px;background:var(--soft);border-radius:3px}
rect.attempt{fill:var(--attempt)}rect.turn{fill:var(--turn)}rect.tool{fill:var(--tool)}rect.wait{fill:var(--asking)}
.swatch{display:inline-block;width:.8rem;height:.8rem;margin-left:.75rem;border:1px solid var(--muted);border-radius:2px;vertical-align:-1px}.swatch.attempt{background:var(--attempt);margin-left:0}.swatch.turn{background:var(--turn)}.swatch.tool{background:var(--tool)}.swatch.wait{background:var(--asking)}
.axis{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem;font-size:.85rem;color:var(--muted)}
figure{margin:.5rem 0}.chart{width:100%;height:160px;background:var(--soft);border-radius:6px}
.chart .line{fill:none;stroke:var(--fg);stroke-width:1.5;vector-effect:non-scaling-stroke}.chart .rule{stroke:var(--line);vector-effect:non-scaling-stroke}.chart .budget{stroke:var(--failed);stroke-width:1.5;stroke-dasharray:6 4;vector-effect:non-scaling-stroke}
.band-0{--band:#3d73d8}.band-1{--band:#2f9160}.band-2{--band:#c27a12}.band-3{--band:#9a55c9}.band-4{--band:#c94a5b}.band-5{--band:#1f8ea3}.band-6{--band:#7a7f33}.band-7{--band:#77808f}
.chart [class^=band-]{fill:var(--band)}.swatch[class*=band-]{background:var(--band)}.band-name{overflow-wrap:anywhere}
.patch .plus{color:var(--done)}.patch .minus{color:var(--failed)}.patch .hunk{color:var(--running)}.patch .file{font-weight:600}
footer{margin-top:3rem;color:var(--muted);font-size:.85rem}
@media print{:root{--bg:#fff;--fg:#000;--muted:#444;--line:#bbb;--soft:#f6f6f6;--done:#1a7f37;--failed:#b3202c;--running:#0b57d0;--asking:#8a5a00;--tool:#0b57d0;--turn:#9cc2f5;--attempt:#dfe5eb}
body{font-size:11pt}main{max-width:none;padding:0}pre{max-height:none}td,td.long{min-width:0}h2,h3,summary{break-after:avoid}tr,li,.row,figure{break-inside:avoid}.scroll{overflow:visible}
details::details-content{content-visibility:visible;block-size:auto}
svg,.swatch{print-color-adjust:exact}.graph{max-width:100%;height:auto}}
`;
