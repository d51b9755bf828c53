const most = 60;

/** A word as a sentence repeats it: of one that would fill the screen its beginning. */
export function shortened(word: string): string {
  return word.length <= most ? word : `${word.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}
