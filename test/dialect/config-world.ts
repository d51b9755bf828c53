import { startTestServer } from '@esplanade/server/testing';
import { flatten } from './flat-record.ts';
import type { WorldStart } from './world.ts';

/** A fresh server: IPsec is disabled, as in ONTAP. */
export const startConfigWorld: WorldStart = async (release, at) => {
  return {
    server: await startTestServer('--ontap-version', release),
    path: '/security/ipsec',
    key: undefined,
    records: [
      flatten({
        enabled: false,
        replay_window: 0,
        offload_enabled: false,
        _links: { self: { href: '/api/security/ipsec' } },
      }),
    ],
    sortField: 'enabled',
    newBody: () => ({}),
    patchBody: { enabled: false },
    samples: {
      enabled: {
        body: { enabled: true },
        shows: { enabled: true },
        refused: { body: { enabled: 'perhaps' }, code: '262197' },
      },
      _links: { body: { _links: {} }, shows: { enabled: false } },
      '_links.self': { body: { _links: { self: {} } }, shows: { enabled: false } },
      '_links.self.href': {
        body: { _links: { self: { href: '/api/elsewhere' } } },
        shows: { '_links.self.href': '/api/security/ipsec' },
      },
    },
    exampleOver: {},
    provocations: {},
    at,
  };
};
