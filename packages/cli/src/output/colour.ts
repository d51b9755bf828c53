/** What a colour stresses; words beside it always say the same. */
export type Tone = 'heading' | 'good' | 'attention' | 'bad' | 'faint';

/** Select Graphic Rendition, ECMA-48 8.3.117. */
const codes: Readonly<Record<Tone, string>> = {
  heading: '1',
  good: '32',
  attention: '33',
  bad: '31',
  faint: '2',
};

/** The text in its colour where colour is wanted. */
export function paint(text: string, tone: Tone, { hasColour }: { readonly hasColour: boolean }): string {
  return hasColour && text !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text;
}
