import { setTimeout as pause } from 'node:timers/promises';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { widthFor } from '../output/text-width.ts';
import type { Screen, Terminal } from '../terminal.ts';
import { isPassing } from '../watch/passing.ts';
import { isSorting, type Sorting, sortings } from './order.ts';
import { ratesOf } from './rates.ts';
import type { Sample } from './sample.ts';
import { selectionOf } from './selection.ts';
import { tableRows, type View, viewLines } from './view.ts';

/** What is looked at, and how it begins. */
export interface Live {
  readonly server: string;
  readonly everySeconds: number;
  readonly sorting: Sorting;
  readonly terminal: Terminal;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly first: Sample;
  readonly look: (signal: AbortSignal) => Promise<Sample>;
}

const fewestSeconds = 1;
const mostSeconds = 3600;

/** Shows SAs and their rates until `q` or Ctrl-C. A server that is away is told of, and asked again. */
export async function showLive(live: Live): Promise<ExitStatus> {
  const { terminal, screen, first } = live;
  const ended = new AbortController();
  const ending = AbortSignal.any([live.signal, ended.signal]);
  let status: ExitStatus = exitStatus.interrupted;
  let waiting = new AbortController();
  let view: View = {
    server: live.server,
    everySeconds: live.everySeconds,
    tookMs: first.tookMs,
    rates: ratesOf(new Map(), first),
    observedAtMs: first.observedAtMs,
    trouble: first.incomplete,
    sorting: live.sorting,
    isReversed: false,
    filter: '',
    isTyping: false,
    isHelping: false,
    top: 0,
  };
  let measure = await measureOf(first);
  const draw = () => screen.draw(viewLines(view, terminal, measure));
  let isDue = false;
  // What is typed or pasted at once is drawn once: with very many SAs each letter of a filter chooses among all.
  const drawSoon = () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      draw();
    });
  };
  screen.onKey((key) => {
    if (key === '\x03') ended.abort();
    else if (key === 'q' && !view.isTyping) {
      status = exitStatus.done;
      ended.abort();
    } else if (key === ' ' && !view.isTyping) waiting.abort();
    else {
      view = pressed(view, key, () => tableRows(view, terminal, measure));
      drawSoon();
    }
  });
  screen.onResize(drawSoon);
  try {
    while (!ending.aborted) {
      draw();
      waiting = new AbortController();
      // A server that takes long is left alone at least as long.
      await pause(Math.max(view.everySeconds * 1000, view.tookMs), undefined, {
        signal: AbortSignal.any([ending, waiting.signal]),
      }).catch(ignoreAbort);
      if (ending.aborted) break;
      try {
        const sample = await live.look(ending);
        measure = await measureOf(sample);
        view = {
          ...view,
          tookMs: sample.tookMs,
          rates: ratesOf(view.rates, sample),
          observedAtMs: sample.observedAtMs,
          trouble: sample.incomplete,
        };
      } catch (error) {
        if (ending.aborted) break;
        if (!(error instanceof Error && isPassing(error))) throw error;
        view = { ...view, trouble: error.message };
      }
    }
  } finally {
    screen.close();
  }
  return status;
}

function measureOf({ sas }: Sample): ReturnType<typeof widthFor> {
  return widthFor(sas.flatMap(({ vserver, policyName }) => [vserver, policyName]));
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

/** The view after a key; `page` tells how many SAs are on the screen at once. */
export function pressed(view: View, key: string, page: () => number): View {
  if (view.isTyping) return typed(view, key);
  const sorting = Object.keys(sortings).find((name) => isSorting(name) && sortings[name].key === key);
  if (sorting !== undefined && isSorting(sorting)) return { ...view, sorting, isReversed: false, top: 0 };
  switch (key) {
    case 'r':
      return { ...view, isReversed: !view.isReversed, top: 0 };
    case '/':
      return { ...view, isTyping: true, filter: '', top: 0 };
    case '\x1b':
      return { ...view, filter: '', isHelping: false, top: 0 };
    case '?':
    case 'h':
      return { ...view, isHelping: !view.isHelping };
    case '+':
      return { ...view, everySeconds: Math.min(mostSeconds, view.everySeconds + 1) };
    case '-':
      return { ...view, everySeconds: Math.max(fewestSeconds, view.everySeconds - 1) };
    default:
      return scrolled(view, key, page);
  }
}

function typed(view: View, key: string): View {
  if (key === '\r' || key === '\n') return { ...view, isTyping: false };
  if (key === '\x1b') return { ...view, isTyping: false, filter: '' };
  if (key === '\x7f' || key === '\b') return { ...view, filter: view.filter.slice(0, -1) };
  return key >= ' ' ? { ...view, filter: view.filter + key, top: 0 } : view;
}

const steps: Readonly<Record<string, (page: number) => number>> = {
  '\x1b[A': () => -1,
  '\x1b[B': () => 1,
  '\x1b[5~': (page) => -page,
  '\x1b[6~': (page) => page,
  '\x1b[H': () => Number.NEGATIVE_INFINITY,
  '\x1b[F': () => Number.POSITIVE_INFINITY,
};

function scrolled(view: View, key: string, pageOf: () => number): View {
  const stepOf = steps[key];
  if (stepOf === undefined) return view;
  const page = pageOf();
  const step = stepOf(page);
  const last = Math.max(0, selectionOf(view).sas.length - page);
  return { ...view, top: Math.min(last, Math.max(0, view.top + step)) };
}
