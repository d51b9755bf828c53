/** The style sheet of the documentation; in a module, so that it is in the built server too. */
export const style = `:root {
  color-scheme: light dark;
  --faint: light-dark(#f3f4f6, #22262b);
  --line: light-dark(#d5d9de, #3a4048);
  font: 16px / 1.5 system-ui, sans-serif;
}
body {
  margin: 0;
}
header {
  padding: 0.7rem 1.5rem;
  border-bottom: 1px solid var(--line);
  font-weight: 600;
}
main {
  max-width: 72rem;
  padding: 0 1.5rem 4rem;
}
h2 {
  margin-top: 2.5rem;
  padding-top: 0.8rem;
  border-top: 1px solid var(--line);
  font-size: 1.2rem;
}
code {
  font: 0.9em ui-monospace, monospace;
  overflow-wrap: anywhere;
}
pre {
  overflow-x: auto;
  padding: 0.8rem 1rem;
  border-radius: 6px;
  background: var(--faint);
}
pre code {
  overflow-wrap: normal;
}
table {
  width: 100%;
  border-collapse: collapse;
  margin: 0.6rem 0 1.2rem;
  font-size: 0.92rem;
}
th,
td {
  padding: 0.3rem 0.6rem 0.3rem 0;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
}
summary {
  cursor: pointer;
  font-weight: 600;
}
.operations {
  padding: 0;
  list-style: none;
}
@media (max-width: 48rem) {
  details {
    overflow-x: auto;
  }
}
`;
