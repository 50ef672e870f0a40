const light = `
--_text:var(--oriel-text,#1c2430);--_muted:var(--oriel-text-muted,#596273);--_surface:var(--oriel-surface,#fff);
--_grid:var(--oriel-grid,#e9ecf1);--_zero:var(--oriel-zero,#8a93a3);--_hover:var(--oriel-hover,#eef2f8);
--_dot:var(--oriel-dot,#1748a8);--_good:var(--oriel-good,#0f7a43);--_bad:var(--oriel-bad,#c02626);
--_focus:var(--oriel-focus,#111827);--_tip:var(--oriel-tip-surface,#1c2430);--_tip-text:var(--oriel-tip-text,#fff);
--_s0:var(--oriel-mark,#3569d6);--_s1:var(--oriel-mark-2,#c75b12);--_s2:var(--oriel-mark-3,#16806f);
--_s3:var(--oriel-mark-4,#8b4fc0);--_s4:var(--oriel-mark-5,#9a7410);--_s5:var(--oriel-mark-6,#c23c72);
color-scheme:light;`;

const dark = `
--_text:var(--oriel-text,#e8ebf1);--_muted:var(--oriel-text-muted,#9ea8b8);--_surface:var(--oriel-surface,#171b22);
--_grid:var(--oriel-grid,#272d37);--_zero:var(--oriel-zero,#76808f);--_hover:var(--oriel-hover,#20262f);
--_dot:var(--oriel-dot,#8db4ff);--_good:var(--oriel-good,#4fcf8a);--_bad:var(--oriel-bad,#ff8080);
--_focus:var(--oriel-focus,#fff);--_tip:var(--oriel-tip-surface,#e8ebf1);--_tip-text:var(--oriel-tip-text,#171b22);
--_s0:var(--oriel-mark,#6f9dff);--_s1:var(--oriel-mark-2,#f09552);--_s2:var(--oriel-mark-3,#45c1a8);
--_s3:var(--oriel-mark-4,#c398f0);--_s4:var(--oriel-mark-5,#d8b23f);--_s5:var(--oriel-mark-6,#f07bad);
color-scheme:dark;`;

const marks = [0, 1, 2, 3, 4, 5].map((index) => `.oriel-series-${index}{--_mark:var(--_s${index})}`).join("");

/**
 * The styles of all charts. `mountChart` adopts them by itself; a server's page puts them in a style sheet.
 * A host sets colours and font with the variables `--oriel-…` on any ancestor; the values here are
 * their defaults in light and in dark. `data-oriel-theme` on a chart or an ancestor chooses: light, dark, or auto.
 */
export const chartStyles: string = `
.oriel-chart{${light}}
.oriel-chart[data-oriel-theme=dark],[data-oriel-theme=dark] .oriel-chart:not([data-oriel-theme]){${dark}}
@media(prefers-color-scheme:dark){.oriel-chart[data-oriel-theme=auto],[data-oriel-theme=auto] .oriel-chart:not([data-oriel-theme]){${dark}}}
@media(forced-colors:active){.oriel-chart{--_text:CanvasText;--_muted:CanvasText;--_surface:Canvas;--_grid:GrayText;--_zero:CanvasText;--_hover:Canvas;--_dot:LinkText;--_focus:Highlight;--_s0:LinkText}}
.oriel-chart,.oriel-chart *{box-sizing:border-box}
.oriel-chart{display:flex;flex-direction:column;width:100%;height:100%;min-width:0;margin:0;color:var(--_text);font:400 13px/1.4 var(--oriel-font,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif);text-align:start;-webkit-text-size-adjust:100%}
.oriel-chart [hidden]{display:none}
.oriel-plot{position:relative;flex:1 1 280px;min-height:48px;container-type:inline-size}
[data-oriel-kind=number] .oriel-plot{flex-basis:84px}
.oriel-view,.oriel-twin{position:absolute;inset:0;overflow:auto}
.oriel-view{overflow-x:hidden}
[data-oriel-kind=table] .oriel-view{overflow:auto}
.oriel-svg{display:block;touch-action:pan-y pinch-zoom;direction:ltr;overflow:visible;max-width:none;font-size:12px;font-variant-numeric:tabular-nums}
.oriel-hidden{position:absolute;width:1px;height:1px;inset:auto;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0}
.oriel-svg text{fill:var(--_text);stroke:none;font-size:12px;letter-spacing:0}
.oriel-svg .oriel-tick,.oriel-svg .oriel-muted{fill:var(--_muted)}
.oriel-grid{stroke:var(--_grid);stroke-width:1}
.oriel-zero{stroke:var(--_zero);stroke-width:1}
.oriel-bar,.oriel-swatch{fill:var(--_mark)}
.oriel-band{fill:transparent}
.oriel-point,.oriel-scatter{outline:none}
.oriel-point.oriel-active .oriel-band{fill:var(--_hover)}
.oriel-point:focus-visible .oriel-band{stroke:var(--_focus);stroke-width:1.5}
.oriel-line{fill:none;stroke:var(--_mark);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.oriel-dot{fill:var(--_mark);stroke:var(--_surface);stroke-width:2;opacity:0}
.oriel-dot.oriel-lone,.oriel-active .oriel-dot{opacity:1}
.oriel-point:focus-visible .oriel-dot{stroke:var(--_focus)}
.oriel-crosshair{stroke:var(--_zero);stroke-width:1;stroke-dasharray:3 3;opacity:0}
.oriel-crosshair.oriel-active{opacity:1}
.oriel-scatter{fill:var(--_dot);fill-opacity:.6}
.oriel-scatter.oriel-active{fill-opacity:1;stroke:var(--_focus);stroke-width:2}
${marks}
.oriel-tip{position:absolute;left:0;top:0;z-index:1;max-width:min(280px,100%);padding:7px 10px;border-radius:6px;background:var(--_tip);color:var(--_tip-text);font-size:12px;line-height:1.45;pointer-events:none;box-shadow:0 4px 14px rgb(0 0 0/.18)}
.oriel-tip-heading{font-weight:600;margin-bottom:1px;overflow-wrap:anywhere}
.oriel-tip-line{display:flex;justify-content:space-between;gap:14px}
.oriel-tip-label{opacity:.82}
.oriel-tip-swatch{display:inline-block;width:8px;height:8px;margin-inline-end:6px;border-radius:2px;background:var(--_mark)}
.oriel-tip-value{unicode-bidi:plaintext;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.oriel-empty{display:flex;align-items:center;justify-content:center;height:100%;padding:8px;color:var(--_muted);text-align:center}
.oriel-note{padding-top:6px;color:var(--_muted);font-size:12px}
.oriel-number{display:flex;flex-direction:column;justify-content:center;height:100%;gap:2px}
.oriel-figure{font-size:30px;font-size:clamp(24px,12cqi,38px);font-weight:600;line-height:1.15;letter-spacing:-.02em;font-variant-numeric:tabular-nums;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.oriel-unit{font-size:.5em;font-weight:500;letter-spacing:0;color:var(--_muted)}
.oriel-trend{color:var(--_muted);font-size:13px}
.oriel-change{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap;color:var(--_text)}
.oriel-change.oriel-good{color:var(--_good)}
.oriel-change.oriel-bad{color:var(--_bad)}
.oriel-arrow{display:inline-block;width:9px;height:9px;margin-inline-end:4px;fill:currentColor;vertical-align:baseline}
.oriel-table{width:100%;margin:0;border-collapse:separate;border-spacing:0;font-size:13px;font-variant-numeric:tabular-nums;color:var(--_text);background:none}
.oriel-table th{position:sticky;top:0;padding:6px 12px;background:var(--_surface);color:var(--_muted);font-size:12px;font-weight:500;text-align:start;white-space:nowrap;border:0;border-bottom:1px solid var(--_grid)}
.oriel-table td{padding:6px 12px;border:0;border-bottom:1px solid var(--_grid);text-align:start;white-space:nowrap}
.oriel-table th:first-child,.oriel-table td:first-child{padding-inline-start:0}
.oriel-table th:last-child,.oriel-table td:last-child{padding-inline-end:4px}
.oriel-table .oriel-numeric{text-align:end}
.oriel-table:dir(rtl) td.oriel-numeric{direction:ltr;text-align:left}
.oriel-view:focus-visible,.oriel-twin:focus-visible{outline:2px solid var(--_focus);outline-offset:-2px}
`;
