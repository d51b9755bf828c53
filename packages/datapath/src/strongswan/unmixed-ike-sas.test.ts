import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { unmixedIkeSas } from './unmixed-ike-sas.ts';

const quantum = 'esplanade-0123456789ab';

function row(connection: string, fields: Readonly<Record<string, string>>): Message {
  return Message.from({ [connection]: { uniqueid: '7', state: 'ESTABLISHED', ...fields } });
}

describe('an IKE SA without the post-quantum key', () => {
  const requires = (name: string): boolean => name === quantum;

  it('is told where its connection requires one', () => {
    expect(unmixedIkeSas(row(quantum, {}), requires)).toEqual([{ id: '7', connectionName: quantum }]);
  });

  it.each<[string, Message]>([
    ['it has one', row(quantum, { ppk: 'yes' })],
    ['its connection requires none', row('esplanade-ba9876543210', {})],
    ['it is still on its way', row(quantum, { state: 'CONNECTING' })],
    ['it is on its way down', row(quantum, { state: 'DELETING' })],
  ])('is not when %s', (_why, message) => {
    expect(unmixedIkeSas(message, requires)).toEqual([]);
  });
});
