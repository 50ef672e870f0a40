const light = `
--_text:var(--oriel-text,#1c2430);--_muted:var(--oriel-text-muted,#596273);--_page:var(--oriel-background,transparent);
--_surface:var(--oriel-surface,#fff);--_border:var(--oriel-border,#e1e5ec);--_line:var(--oriel-input-border,#8791a1);
--_accent:var(--oriel-accent,#2a5bc4);--_on-accent:var(--oriel-on-accent,#fff);--_hover:var(--oriel-hover,#eef2f8);
--_bad:var(--oriel-bad,#b42318);--_bone:var(--oriel-skeleton,#e9edf3);--_focus:var(--oriel-focus,#111827);
--_shadow:0 1px 2px rgb(16 24 40/.05);--_float:0 12px 32px rgb(16 24 40/.16),0 2px 6px rgb(16 24 40/.08);
color-scheme:light;`;

const dark = `
--_text:var(--oriel-text,#e8ebf1);--_muted:var(--oriel-text-muted,#9ea8b8);--_page:var(--oriel-background,transparent);
--_surface:var(--oriel-surface,#171b22);--_border:var(--oriel-border,#2a313c);--_line:var(--oriel-input-border,#6d7787);
--_accent:var(--oriel-accent,#8db4ff);--_on-accent:var(--oriel-on-accent,#10151d);--_hover:var(--oriel-hover,#20262f);
--_bad:var(--oriel-bad,#ff8f86);--_bone:var(--oriel-skeleton,#222933);--_focus:var(--oriel-focus,#fff);
--_shadow:none;--_float:0 12px 32px rgb(0 0 0/.5);
color-scheme:dark;`;

/**
 * The styles of all components: one cascade layer, everything under `.oriel`,
 * so that a host's own styles win and nothing of ours reaches the host's page.
 * Colours, font and corners are the host's through `--oriel-…` on any ancestor.
 */
export const stylesheet = `@layer oriel{
.oriel{${light}}
.oriel[data-oriel-theme=dark]{${dark}}
@media(prefers-color-scheme:dark){.oriel[data-oriel-theme=auto]{${dark}}}
.oriel,.oriel *{box-sizing:border-box}
.oriel{--_radius:var(--oriel-radius,10px);--_gap:var(--oriel-gap,12px);position:relative;min-width:0;background:var(--_page);color:var(--_text);font:400 14px/1.45 var(--oriel-font,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif);text-align:start;-webkit-text-size-adjust:100%}
.oriel :is(p,h2,h3,dl,dd,ul){margin:0;padding:0;border:0;min-width:0}
.oriel :is(button,input,select){font:inherit;color:inherit;letter-spacing:inherit}
.oriel :is(button,input,select,a):focus-visible{outline:2px solid var(--_focus);outline-offset:2px}
.oriel a{color:var(--_accent)}
.oriel .oriel-muted{color:var(--_muted)}
.oriel .oriel-words{overflow-wrap:anywhere;font-size:.8125rem}
.oriel .oriel-quiet{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

.oriel-dashboard.oriel{container:oriel/inline-size}
.oriel .oriel-head{margin-bottom:14px}
.oriel .oriel-title{font-size:20px;line-height:28px;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
.oriel .oriel-filters{display:flex;flex-wrap:wrap;gap:10px 24px;margin-bottom:16px;align-items:start}
.oriel .oriel-filter{position:relative}
.oriel .oriel-filter-label{display:block;margin-bottom:4px;padding:0;font-size:12px;line-height:16px;font-weight:600;color:var(--_muted)}
.oriel .oriel-range{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.oriel .oriel-field{display:flex;gap:6px;align-items:center;font-size:13px;color:var(--_muted)}
.oriel .oriel-input{height:36px;padding:0 10px;border:1px solid var(--_line);border-radius:7px;background:var(--_surface);color:var(--_text);font-size:14px;font-variant-numeric:tabular-nums}
.oriel .oriel-field .oriel-input{width:140px}
.oriel .oriel-input[aria-invalid=true]{border-color:var(--_bad)}
.oriel .oriel-filter-head{display:flex;gap:10px}
.oriel .oriel-filter-note{font-size:12px;line-height:16px;color:var(--_muted)}
.oriel .oriel-filter-note[data-bad=true]{color:var(--_bad)}
.oriel .oriel-clear{height:36px;padding:0 8px;border:0;border-radius:7px;background:none;color:var(--_accent);font-size:13px;cursor:pointer}
.oriel .oriel-clear:disabled{visibility:hidden}
.oriel .oriel-opener{display:flex;align-items:center;justify-content:space-between;gap:8px;min-width:180px;max-width:280px;text-align:start;cursor:pointer}
.oriel .oriel-opener::after{content:"";flex:none;width:7px;height:7px;margin:-3px 2px 0;border:solid var(--_muted);border-width:0 1.5px 1.5px 0;transform:rotate(45deg)}
.oriel .oriel-opener-text{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.oriel .oriel-panel{position:absolute;z-index:20;inset-block-start:calc(100% + 6px);inset-inline-start:0;width:max(100%,240px);max-width:calc(100cqi - 8px);padding:8px;border:1px solid var(--_border);border-radius:var(--_radius);background:var(--_surface);box-shadow:var(--_float)}
.oriel .oriel-panel .oriel-input{width:100%}
.oriel .oriel-options{max-height:264px;margin-top:6px;overflow:auto;list-style:none;overscroll-behavior:contain}
.oriel .oriel-options li{position:relative;min-height:32px;padding:6px 8px 6px 32px;border-radius:6px;font-variant-numeric:tabular-nums;cursor:pointer}
.oriel .oriel-options li:is([data-active=true],:hover){background:var(--_hover)}
.oriel .oriel-options li[data-active=true]{box-shadow:inset 0 0 0 1px var(--_line)}
.oriel .oriel-options li::before{content:"";position:absolute;left:8px;top:8px;width:16px;height:16px;border:1.5px solid var(--_line);border-radius:4px}
.oriel .oriel-options li[aria-selected=true]::before{border-color:var(--_accent);background:var(--_accent)}
.oriel .oriel-options li[aria-selected=true]::after{content:"";position:absolute;left:13.5px;top:10px;width:5px;height:9px;border:solid var(--_on-accent);border-width:0 2px 2px 0;transform:rotate(45deg)}
.oriel .oriel-panel-note{padding:0 4px;font-size:12px;color:var(--_muted)}
.oriel .oriel-panel-note:not(:empty){padding-top:6px}

.oriel .oriel-stage{position:relative}
.oriel .oriel-cards{display:grid;grid-template-columns:repeat(24,minmax(0,1fr));grid-auto-rows:56px;gap:var(--_gap)}
.oriel .oriel-card{display:flex;flex-direction:column;min-width:0;min-height:0;height:100%;padding:12px 14px 12px;border:1px solid var(--_border);border-radius:var(--_radius);background:var(--_surface);box-shadow:var(--_shadow);overflow:hidden}
.oriel .oriel-card-head{display:flex;align-items:start;justify-content:space-between;gap:8px;flex:none}
.oriel .oriel-card-title{overflow:hidden;font-size:14px;line-height:20px;font-weight:600;text-overflow:ellipsis;white-space:nowrap}
.oriel .oriel-card-note{flex:none;overflow:hidden;font-size:12px;line-height:16px;color:var(--_muted);text-overflow:ellipsis;white-space:nowrap}
.oriel .oriel-data-toggle{flex:none;height:24px;margin:-2px -6px -2px 0;padding:0 6px;border:0;border-radius:6px;background:none;color:var(--_muted);font-size:12px;white-space:nowrap;cursor:pointer}
.oriel .oriel-data-toggle:hover{background:var(--_hover);color:var(--_text)}
.oriel .oriel-data-toggle[aria-pressed=true]{background:var(--_hover);color:var(--_text);font-weight:600}
.oriel .oriel-data-toggle:disabled{visibility:hidden}
.oriel .oriel-card-body{position:relative;flex:1;min-height:0;margin-top:8px;transition:opacity .15s}
.oriel .oriel-card-body[data-stale=true]{opacity:.45;transition-delay:.15s}
.oriel .oriel-card[data-kind=number] .oriel-card-body{max-height:104px}
.oriel .oriel-card[data-kind=number] .oriel-card-note{order:1;margin-top:auto}
.oriel .oriel-chart-box{height:100%}
.oriel .oriel-chart-failure{display:flex;flex-direction:column;justify-content:center;align-items:center;gap:2px;height:100%;text-align:center}
.oriel .oriel-bone{border-radius:6px;background:var(--_bone);animation:oriel-breathe 1.6s ease-in-out infinite}
.oriel .oriel-fill{height:100%}
.oriel .oriel-skeleton{display:flex;flex-direction:column;min-height:720px}
.oriel .oriel-bone-title{width:200px;max-width:60%;height:28px;margin-bottom:14px}
.oriel .oriel-bone-filters{width:520px;max-width:100%;height:56px;margin-bottom:16px}
.oriel .oriel-bones{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:var(--_gap);height:192px;margin-bottom:var(--_gap)}
.oriel .oriel-skeleton>.oriel-fill{flex:1;height:auto}
@keyframes oriel-breathe{50%{opacity:.55}}

.oriel .oriel-notice{display:flex;flex-direction:column;gap:6px;max-width:560px;margin:24px auto;padding:20px 22px;border:1px solid var(--_border);border-radius:var(--_radius);background:var(--_surface);box-shadow:var(--_shadow);overflow-wrap:anywhere}
.oriel .oriel-notice-title{font-size:16px;line-height:22px;font-weight:650}
.oriel .oriel-facts{display:flex;flex-wrap:wrap;gap:4px 24px;margin-top:4px;font-size:13px}
.oriel .oriel-facts div{display:flex;gap:6px}
.oriel .oriel-facts dt{color:var(--_muted)}
.oriel code{font:500 13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.oriel .oriel-actions{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin-top:10px;font-size:13px}
.oriel .oriel-button{height:36px;padding:0 14px;border:1px solid var(--_line);border-radius:7px;background:var(--_surface);font-size:14px;font-weight:550;cursor:pointer}
.oriel .oriel-button.oriel-primary{border-color:transparent;background:var(--_accent);color:var(--_on-accent)}
.oriel .oriel-button:disabled{opacity:.55;cursor:default}
.oriel .oriel-over{position:absolute;inset:0;z-index:10;pointer-events:none}
.oriel .oriel-over .oriel-notice{position:sticky;top:24px;box-shadow:var(--_float);pointer-events:auto}
.oriel .oriel-downloads{display:flex;flex:none;gap:6px;align-items:baseline;margin-inline-start:auto;font-size:12px}
.oriel .oriel-slot{pointer-events:auto}
.oriel-question.oriel{display:flex;flex-direction:column}
.oriel-question.oriel>.oriel-card{flex:1}
.oriel-question.oriel .oriel-notice{height:100%;margin:0 auto;overflow:auto}

.oriel .oriel-head{display:flow-root}
.oriel .oriel-head-actions{float:inline-end;margin-inline-start:16px}
.oriel .oriel-button[aria-disabled=true]{opacity:.55;cursor:default}
.oriel .oriel-card-title{flex:1}
.oriel .oriel-drill [data-oriel-point]{cursor:pointer}
.oriel .oriel-large{width:min(1120px,100vw - 24px);height:min(760px,100dvh - 24px);max-width:none;max-height:none;margin:auto;padding:0;border:0;border-radius:var(--_radius);background:none;color:inherit}
.oriel .oriel-large::backdrop{background:rgb(8 12 20/.55)}
.oriel .oriel-large .oriel-card{box-shadow:var(--_float)}
.oriel .oriel-large .oriel-card-body{max-height:none!important}
.oriel .oriel-large .oriel-card-title{order:-2;line-height:32px}
.oriel .oriel-large .oriel-hint{order:-1;font-size:13px;line-height:32px}
@media(max-width:640px){.oriel .oriel-large .oriel-hint{position:absolute;clip-path:inset(50%);white-space:nowrap}}
.oriel .oriel-large .oriel-data-toggle{height:32px;padding:0 10px;font-size:13px}

.oriel-browser.oriel{container:oriel/inline-size}
.oriel .oriel-browse[hidden]{display:none}
.oriel .oriel-browse-bar{display:flex;flex-wrap:wrap;gap:10px 16px}
.oriel .oriel-browse-field{flex:1 1 220px;max-width:360px;min-width:0}
.oriel .oriel-browse-field .oriel-input{width:100%}
.oriel .oriel-tally{margin:12px 0;font-size:13px}
.oriel .oriel-listing+.oriel-listing{margin-top:20px}
.oriel .oriel-listing:not(:has(li,.oriel-bone,.oriel-notice)){display:none}
.oriel .oriel-listing-title{margin-bottom:6px;font-size:14px;line-height:20px;font-weight:600}
.oriel .oriel-rows{list-style:none;border:1px solid var(--_border);border-radius:var(--_radius);background:var(--_surface);overflow:hidden;transition:opacity .15s}
.oriel .oriel-rows[data-stale=true]{opacity:.45;transition-delay:.15s}
.oriel .oriel-rows:empty{display:none}
.oriel .oriel-rows+.oriel-rows{margin-top:8px}
.oriel .oriel-rows li+li{border-top:1px solid var(--_border)}
.oriel .oriel-row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 16px;width:100%;min-height:44px;align-items:center;padding:9px 14px;border:0;background:none;text-align:start;overflow-wrap:anywhere;cursor:pointer}
.oriel .oriel-row:hover{background:var(--_hover)}
.oriel .oriel-row:focus-visible{outline-offset:-2px;border-radius:var(--_radius)}
.oriel .oriel-row-name{grid-column:1;font-weight:550}
.oriel .oriel-row .oriel-muted{grid-column:1;font-size:13px}
.oriel .oriel-row .oriel-row-place{grid-area:1/2}
.oriel .oriel-listing>.oriel-button,.oriel .oriel-opened>.oriel-back{margin-top:8px}
.oriel .oriel-opened>.oriel-back{margin:0 0 14px}
.oriel .oriel-back::before{content:"";display:inline-block;width:7px;height:7px;margin-inline-end:8px;border:solid currentColor;border-width:0 0 1.5px 1.5px;transform:rotate(45deg);vertical-align:1px}
.oriel .oriel-back:dir(rtl)::before{transform:rotate(225deg)}
.oriel .oriel-listing-bone{height:132px}

@container oriel (max-width:880px){.oriel .oriel-cards{grid-template-columns:repeat(6,minmax(0,1fr))}
.oriel .oriel-cards>.oriel-card{grid-column:span 6!important;grid-row-start:auto!important}
.oriel .oriel-cards>.oriel-card[data-kind=number]{grid-column:span 2!important}}
@container oriel (max-width:640px){.oriel .oriel-browse-field{max-width:none}
.oriel .oriel-row .oriel-row-place{grid-area:auto/1}
.oriel .oriel-cards{grid-template-columns:minmax(0,1fr)}
.oriel .oriel-cards>.oriel-card,.oriel .oriel-cards>.oriel-card[data-kind=number]{grid-column:1!important}
.oriel .oriel-filters{gap:10px}
.oriel .oriel-filter{width:100%}
.oriel .oriel-opener{flex:1;max-width:none}
.oriel .oriel-field{flex:1 1 100%}
.oriel .oriel-field span{min-width:34px}
.oriel .oriel-clear{position:absolute;inset-block-start:-2px;inset-inline-end:0;height:22px}
.oriel .oriel-filter-head{padding-inline-end:56px}
.oriel .oriel-field .oriel-input{flex:1;min-width:0;width:100%}
.oriel .oriel-bones{grid-template-columns:minmax(0,1fr)}}
@media(prefers-reduced-motion:reduce){.oriel .oriel-bone{animation:none}.oriel .oriel-card-body{transition:none}}
@media(forced-colors:active){.oriel .oriel-bone{border:1px solid GrayText}.oriel .oriel-options li[aria-selected=true]::before{background:Highlight;forced-color-adjust:none}}
}`;
