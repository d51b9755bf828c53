import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { Testbed } from '../support/testbed.ts';
import { bypassDiscardScenario } from './bypass-discard.scenario.ts';
import { certificateFaultsScenario } from './certificate-faults.scenario.ts';
import { certificatesScenario } from './certificates.scenario.ts';
import { charonRestartScenario } from './charon-restart.scenario.ts';
import { commandLineScenario } from './command-line.scenario.ts';
import { replayWindowScenario } from './replay-window.scenario.ts';
import { revocationScenario } from './revocation.scenario.ts';
import { sdkExampleScenario } from './sdk-example.scenario.ts';
import { sharedConnectionScenario } from './shared-connection.scenario.ts';
import { topScenario } from './top.scenario.ts';
import { wrongPeerScenario } from './wrong-peer.scenario.ts';

/** On one testbed, because starting one costs a guest kernel more than most scenarios do. */
describe('through the API, with a stock peer and packets', () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await Testbed.start();
  });

  afterAll(async () => bed?.[Symbol.asyncDispose]());

  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(bed.logs())));

  sharedConnectionScenario(() => bed);
  bypassDiscardScenario(() => bed);
  charonRestartScenario(() => bed);
  replayWindowScenario(() => bed);
  certificatesScenario(() => bed);
  certificateFaultsScenario(() => bed);
  revocationScenario(() => bed);
  wrongPeerScenario(() => bed);
  sdkExampleScenario(() => bed);
  commandLineScenario(() => bed);
  topScenario(() => bed);
});
