import { overlaid } from '../overlaid-terminal.ts';
import type { Terminal } from '../terminal.ts';

/**
 * A terminal of the same kind and size that keeps results as text. Notices go where they always go, but for one whose
 * screen is open: they would be in the way there, so they are kept with the results, and nobody is asked.
 */
export function capturing(
  terminal: Terminal,
  isScreenOpen: boolean,
): { readonly terminal: Terminal; text(): string } {
  let text = '';
  const keep = (part: string) => {
    text += part;
  };
  return {
    terminal: overlaid(terminal, {
      ...(isScreenOpen ? { note: keep, canAsk: false } : {}),
      write: keep,
      drained: async () => undefined,
      openScreen: async () => undefined,
    }),
    text: () => text,
  };
}
