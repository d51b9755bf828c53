import type { OutputFormat } from './output.ts';

/**
 * A result as it is written where results follow one another, so that a program can read them as they come: JSON as one line
 * each, YAML as one document each, CSV with its line of names once. For people it stays as it is.
 */
export function oneOfSeveral(text: string, format: OutputFormat, isFirst: boolean): string {
  switch (format) {
    case 'json':
      // In a text of JSON there is no end of a line.
      return `${text.replaceAll(/\n */g, '')}\n`;
    case 'yaml':
      return `---\n${text}`;
    case 'csv':
      return isFirst ? text : text.slice(text.indexOf('\n') + 1);
    default:
      return text;
  }
}
