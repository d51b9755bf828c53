import { goodPolicy, type TestServer } from '../test-server.ts';
import { get, made, type Provocation, patch, post } from './provocation.ts';

const simulator = '/esplanade/v1/simulator';
const ofName = { policy: { name: 'nfs' } };

/** A server of its own whose policy is in force, as far as the fault lets it. */
function withPolicy(row: Provocation, fault?: object): Provocation {
  return {
    ...row,
    isAlone: true,
    given: async (server: TestServer) => {
      if (fault !== undefined) await made(server, `${simulator}/faults`, fault);
      await server.request('PATCH', '/api/security/ipsec', { enabled: true });
      return made(server, '/security/ipsec/policies', goodPolicy);
    },
  };
}

const onStrongswan = { flags: ['--datapath', 'strongswan'] };

/** What the simulator cannot do. */
export const simulatorProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'simulator.notSimulated': [
    { ...get(simulator), ...onStrongswan },
    { ...patch(simulator, {}), ...onStrongswan },
    { ...post(`${simulator}/reset`, {}), ...onStrongswan },
    { ...post(`${simulator}/up`, ofName), ...onStrongswan },
    { ...get(`${simulator}/faults`), ...onStrongswan },
    { ...post(`${simulator}/faults`, { kind: 'hang' }), ...onStrongswan },
    { ...get(`${simulator}/peers`), ...onStrongswan },
  ],
  'simulator.noSuchPolicy': [
    post(`${simulator}/down`, { policy: { name: 'nobody' } }, 'policy.name'),
    post(`${simulator}/rekey`, { policy: { name: 'nfs', uuid: 'nobody' } }, 'policy.uuid'),
    post(`${simulator}/faults`, { kind: 'refuse', policy: { name: 'nobody' } }, 'policy.name'),
  ],
  'simulator.unfinishedName': [
    {
      ...post(`${simulator}/up`, ofName, 'policy.name'),
      isAlone: true,
      given: async (server) => {
        await made(server, '/svm/svms', { name: 'svm2' });
        for (const name of ['svm1', 'svm2'])
          await made(server, '/security/ipsec/policies', { ...goodPolicy, svm: { name }, action: 'bypass' });
        return '';
      },
    },
  ],
  'simulator.notFaulty': [
    post(`${simulator}/faults`, { kind: 'hang', remote_address: '192.0.2.2' }, 'remote_address'),
    {
      ...post(`${simulator}/faults`, { kind: 'unreachable', policy: { uuid: 'MADE' } }, 'policy.uuid'),
      given: (server) => made(server, '/security/ipsec/policies', { ...goodPolicy, name: 'of faults' }),
    },
  ],
  'simulator.tooManyFaults': [
    {
      ...post(`${simulator}/faults`, { kind: 'hang' }),
      isAlone: true,
      given: async (server) => {
        for (const { simulator: one } of server.parts.carriers.all())
          for (let fault = 0; fault < 1_000; fault += 1) one?.inject({ kind: 'refuse' });
        return '';
      },
    },
  ],
  'simulator.badSeed': [
    patch(simulator, { security_associations: [{ uuid: 'one', type: 'esp' }] }, 'security_associations'),
  ],
  'simulator.badClock': [
    patch(simulator, { 'clock.ahead': -1 }, 'clock.ahead'),
    patch(simulator, { clock: { ahead: 3_155_760_001 } }, 'clock.ahead'),
  ],
  'simulator.nothingToBringUp': [
    {
      ...post(`${simulator}/up`, { policy: { name: 'at rest', uuid: 'MADE' } }, 'policy.name'),
      given: (server) => made(server, '/security/ipsec/policies', { ...goodPolicy, name: 'at rest' }),
    },
  ],
  'simulator.nothingToRekey': [
    withPolicy(post(`${simulator}/rekey`, ofName, 'policy.name'), { kind: 'unreachable' }),
  ],
  'simulator.notNegotiated': [
    withPolicy(post(`${simulator}/up`, ofName, 'policy.name'), { kind: 'authentication_failed' }),
  ],
};
