import type { Command } from '../command.ts';
import { watchParameter } from '../directory/listing-parameters.ts';
import type { Column } from '../output/column.ts';
import { learntOf, statusOfLearnt } from '../status/learnt.ts';
import { reportOf } from '../status/report.ts';
import { askSources } from '../status/sources.ts';
import { statusLines } from '../status/status-lines.ts';

/** Certificates are told of that expire sooner. */
const expiryDays = 30;

/** For CSV, which has one value for each name. */
const columns: readonly Column[] = [
  { name: 'url', field: 'url', label: 'Server', format: 'text' },
  { name: 'cluster', field: 'cluster', label: 'Cluster', format: 'text' },
  { name: 'version', field: 'version', label: 'Version', format: 'text' },
  { name: 'ready', field: 'ready', label: 'Ready', format: 'boolean' },
  { name: 'ipsec-enabled', field: 'ipsec.enabled', label: 'IPsec Enabled', format: 'boolean' },
  { name: 'policies', field: 'policies', label: 'Policies', format: 'text' },
  { name: 'ike-sas', field: 'security_associations.ike', label: 'IKE SAs', format: 'integer' },
  { name: 'ipsec-sas', field: 'security_associations.ipsec', label: 'IPsec SAs', format: 'integer' },
  { name: 'attention', field: 'attention', label: 'Attention', format: 'list' },
];

/** `status`: whether IPsec does what is wanted, and why not. */
export const status: Command = {
  description: [
    'Tells whether IPsec is on, what carries it, how many policies and SAs there are, and what needs attention: a datapath that does not answer, policies that are not in force or did not come up, and why, certificates that expire within 30 days.',
    'The exit status says whether this could be learnt, and not whether all is well: for that, read "attention" of --json. It is 0 where the configuration of IPsec or the policies are known, and neither failed; 4 where this account may read neither, 1 where the server has neither, 8 where the server failed at one of them; "ready" is there with 0 alone. Of a real ONTAP less can be learnt, and what is not known is named.',
  ],
  parameters: [watchParameter],
  examples: [
    { line: 'status', explains: 'How things are.' },
    { line: 'status -watch 10', explains: 'The same, drawn anew every ten seconds.' },
    { line: 'status --json', explains: 'The same for a program.' },
  ],
  async run(_given, { api, output, terminal, signal }) {
    const nowMs = Date.now();
    const sources = await askSources(await api(), signal, new Date(nowMs + expiryDays * 86_400_000));
    const report = reportOf(sources, nowMs);
    if (output.isExact) await output.list({ columns, records: [{ ...report }], isSingle: true });
    else terminal.write(`${(await statusLines(report, terminal)).join('\n')}\n`);
    return statusOfLearnt[learntOf(sources)];
  },
};
