/** What each directory of commands is about, by its words. Loaded by those who tell: help, man pages, docs/cli.md. */
export const groupSummaries: Readonly<Record<string, string>> = {};
