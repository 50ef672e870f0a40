/** The styles of InteractiveQuestion, in the components' layer; they come with it. */
export const exploreStyles = `@layer oriel{
.oriel-explore.oriel{container:oriel/inline-size;display:flex;flex-direction:column;gap:12px}
.oriel .oriel-explore-bar{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:end;min-height:56px}
.oriel .oriel-explore-parts{display:contents}
.oriel .oriel-explore-doing{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin-inline-start:auto}
.oriel .oriel-explore-doing .oriel-input{width:auto}
.oriel .oriel-button[aria-expanded=true]{background:var(--_hover)}
.oriel .oriel-count{display:inline-block;min-width:18px;margin-inline-start:8px;padding:0 5px;border-radius:9px;background:var(--_accent);color:var(--_on-accent);font-size:12px;line-height:18px;text-align:center;font-variant-numeric:tabular-nums}
.oriel .oriel-explore-panel{order:1;flex:1 0 100%;display:flex;flex-direction:column;gap:12px;padding:12px 14px;border:1px solid var(--_border);border-radius:var(--_radius);background:var(--_surface)}
.oriel .oriel-explore-form{display:flex;flex-wrap:wrap;gap:10px 12px;align-items:end}
.oriel .oriel-explore-field{min-width:0;max-width:100%}
.oriel .oriel-explore-field .oriel-input{max-width:100%}
.oriel .oriel-chips{display:flex;flex-wrap:wrap;gap:8px;list-style:none}
.oriel .oriel-chips li{display:flex;align-items:center;gap:2px;max-width:100%;padding-inline-start:10px;border:1px solid var(--_border);border-radius:16px;background:var(--_hover);font-size:13px;line-height:28px;overflow-wrap:anywhere}
.oriel .oriel-chip-remove{flex:none;width:28px;height:28px;padding:0;border:0;border-radius:14px;background:none;color:var(--_muted);font-size:16px;line-height:1;cursor:pointer}
.oriel .oriel-chip-remove:hover{color:var(--_text)}
.oriel .oriel-explore-fault{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;padding:8px 14px;border:1px solid var(--_bad);border-radius:var(--_radius);background:var(--_surface);font-size:13px;overflow-wrap:anywhere}
.oriel .oriel-explore-stage{flex:1;min-height:280px}
@container oriel (max-width:640px){.oriel .oriel-explore-doing{margin-inline-start:0}
.oriel .oriel-explore-form{flex-direction:column;align-items:stretch}
.oriel .oriel-explore-form .oriel-input{width:100%}}
}`;
