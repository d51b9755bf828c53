/** A server with these options throws what nobody catches at this signal, … */
export const uncaughtSignal = 'SIGWINCH';
/** … and runs out of memory at this one. */
export const exhaustedSignal = 'SIGURG';

/** Loaded into the server before its own code: errors of the kind that an operator turns reports on for. */
const misfortune = `
process.on('${uncaughtSignal}',()=>{throw new Error('on purpose')});
process.on('${exhaustedSignal}',()=>{for(const kept=[];;)kept.push(new Array(1e6).fill(1))});
`;

/** What `NODE_OPTIONS` has to be, so that every kind of diagnostic report is written into the directory. */
export function reportOptions(directory: string): string {
  const preloaded = `data:text/javascript,${encodeURIComponent(misfortune)}`;
  return [
    '--report-on-signal',
    '--report-uncaught-exception',
    '--report-on-fatalerror',
    `--report-directory=${directory}`,
    '--max-old-space-size=300',
    `--import=${preloaded}`,
  ].join(' ');
}
