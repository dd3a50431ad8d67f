/** Style of the page at the root, for light and dark themes and small screens. */
export const homePageStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2430, #e4e9f0);
  --quiet: light-dark(#556070, #9aa6b6);
  --page: light-dark(#fff, #12161c);
  --panel: light-dark(#f3f5f8, #1d232c);
  --line: light-dark(#d8dee6, #333c48);
  --warning: light-dark(#b45309, #f0b04c);
  --good: light-dark(#157347, #57c48d);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { margin: 0 0 .5rem; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2rem 0 .5rem; font-size: 1.2rem; line-height: 1.3; }
h3 { margin: 1rem 0 .5rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0 0 .75rem; }
code { font: .9em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre {
  margin: 0;
  padding: .75rem 1rem;
  border-radius: .375rem;
  background: var(--panel);
  white-space: pre-wrap;
}
.quiet, small { color: var(--quiet); }
.good, .warnings li {
  padding: .625rem 1rem;
  border-left: .25rem solid var(--good);
  border-radius: .25rem;
  background: var(--panel);
}
.warnings { display: grid; gap: .5rem; margin: 0; padding: 0; list-style: none; }
.warnings li { display: grid; gap: .125rem; border-left-color: var(--warning); }
.warnings strong { font-weight: 600; overflow-wrap: anywhere; }
small { font-size: .875rem; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.5rem; margin: 0 0 1.5rem; }
dd { margin: 0; color: var(--quiet); }
@media (max-width: 40rem) {
  main { padding-top: 1.25rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .625rem; }
}
`
