import { documentedGroups } from '@esplanade/cli/documentation';
import { generalManual, groupManual, pageName } from './manual-page.ts';
import { markdownPage } from './markdown-page.ts';

/** A page that is generated from the commands: where it belongs in the checkout, and what it must say. */
export interface CliPage {
  readonly path: string;
  readonly text: string;
}

/** docs/cli.md, and the pages of the manual. */
export async function cliPages(): Promise<readonly CliPage[]> {
  const groups = await documentedGroups();
  return [
    { path: 'docs/cli.md', text: markdownPage(groups) },
    { path: 'docs/man/esplanade.1', text: generalManual(groups) },
    ...groups.map((group) => ({ path: `docs/man/${pageName(group.words)}.1`, text: groupManual(group) })),
  ];
}
