/** Of the widget alone. In `:host`, `!important` wins over what the page says of the element, also where that is important. */
export const style = `
:host {
  all: initial !important; display: block !important; position: fixed !important; inset: auto 20px 20px auto !important; z-index: 2147483647 !important;
  color-scheme: light dark !important; font: 16px/1.45 system-ui, "DejaVu Sans", sans-serif !important;
  --card: #fff; --back: #f2f4f8; --ink: #1a1e27; --soft: #5b6372; --line: #dde1e9; --accent: #1f5fd0; --on-accent: #fff; --red: #b3202c; --green: #1b7f4b; --amber: #b06a00;
}
@media (prefers-color-scheme: dark) {
  :host { --card: #1b1f27; --back: #272c37; --ink: #eef0f4; --soft: #a3abbb; --line: #39404e; --accent: #3a6fe0; --red: #ff8d94; --green: #4fc98a; --amber: #e9a94a; }
}
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; }
button:focus-visible, textarea:focus-visible, .lines:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
textarea:focus-visible { outline-width: 2px; outline-offset: -1px; }
.lines:focus-visible { outline-offset: -3px; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; display: block; }
.bubble { position: relative; display: grid; place-items: center; width: 60px; height: 60px; margin-left: auto; padding: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 24px rgb(0 0 0 / 28%); transition: transform .15s; }
.bubble:hover { transform: scale(1.06); }
.bubble svg { width: 28px; height: 28px; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 24px; padding: 2px 6px; border-radius: 12px; background: #c2232f; color: #fff; font-size: 13px; font-weight: 700; line-height: 20px; text-align: center; }
.panel { position: absolute; right: 0; bottom: 76px; display: flex; flex-direction: column; width: 370px; height: min(560px, calc(100vh - 116px)); overflow: hidden; border: 1px solid var(--line); border-radius: 18px; background: var(--card); color: var(--ink); box-shadow: 0 16px 50px rgb(0 0 0 / 25%); }
header { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 14px 12px 14px 20px; border-bottom: 1px solid var(--line); }
h2 { margin: 0; font-size: 17px; font-weight: 700; line-height: 1.3; }
.status { display: block; font-size: 13.5px; color: var(--soft); }
.status::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 6px; border-radius: 50%; background: var(--amber); }
.status[data-state="connected"]::before { background: var(--green); }
.close { display: grid; place-items: center; flex: none; width: 40px; height: 40px; padding: 0; border-radius: 50%; color: var(--soft); }
.close:hover { background: var(--back); }
.welcome { margin: 16px 20px 0; padding: 12px 14px; border-radius: 14px; background: var(--back); color: var(--soft); font-size: 14.5px; }
.panel:has(.lines li) .welcome { display: none; }
.log { flex: 1; min-height: 0; display: flex; }
.lines { flex: 1; margin: 0; padding: 16px 16px 8px; list-style: none; overflow-y: auto; overscroll-behavior: contain; display: flex; flex-direction: column; gap: 10px; }
.lines li { display: flex; flex-direction: column; max-width: 82%; flex: none; }
.lines .text { padding: 9px 14px; border-radius: 18px; white-space: pre-wrap; overflow-wrap: anywhere; }
.own { align-self: flex-end; align-items: flex-end; }
.own .text { background: var(--accent); color: var(--on-accent); border-bottom-right-radius: 5px; }
.own[data-status="sending"] .text { background: color-mix(in srgb, var(--accent) 16%, var(--card)); color: var(--ink); }
.own[data-status="failed"] .text { background: none; color: var(--ink); box-shadow: inset 0 0 0 1.5px var(--red); }
.own[data-status="failed"] .note { color: var(--red); }
.theirs { align-self: flex-start; }
.theirs .text { background: var(--back); border-bottom-left-radius: 5px; }
.note { margin: 3px 6px 0; font-size: 12.5px; color: var(--soft); }
.above { align-self: center; }
.older, .action { padding: 2px 4px; border-radius: 6px; font-weight: 600; text-decoration: underline; text-underline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: pre; }
.trouble { margin: 0; padding: 8px 20px; font-size: 14px; color: var(--red); }
form { display: flex; align-items: flex-end; gap: 8px; padding: 12px; border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; max-height: 120px; field-sizing: content; resize: none; padding: 9px 14px; border: 1px solid var(--line); border-radius: 21px; background: var(--back); }
textarea::placeholder { color: var(--soft); opacity: 1; }
.send { display: grid; place-items: center; flex: none; width: 42px; height: 42px; padding: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.send svg { width: 21px; height: 21px; }
.send:disabled, textarea:disabled { opacity: .55; cursor: default; }
@media (max-width: 480px) {
  .panel { position: fixed; inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; }
  .panel:not([hidden]) ~ .bubble { display: none; }
}
@media (prefers-reduced-motion: reduce) { .bubble { transition: none; } }
`;
