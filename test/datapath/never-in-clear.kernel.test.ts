import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { launch, untilGuardIsReady } from '../support/launcher.ts';
import { describePacket } from '../support/packet.ts';
import { Testbed } from '../support/testbed.ts';
import { DisturbedStage, disturbances } from './disturbances.ts';
import { ProtectedFlows, perSecond, type Sighting } from './protected-flows.ts';
import { tableOf } from './text-table.ts';

const rounds = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 20 : 1;

/** No operation lets a packet of a protected selector leave or enter in clear. */
describe('traffic under a policy, with a stock peer', () => {
  let bed: Testbed;
  let flows: ProtectedFlows;
  let stage: DisturbedStage;
  const rows: (readonly (string | number)[])[] = [];
  /** Operations that let something through, also those of a first try that another followed. */
  const leaks: string[] = [];

  beforeAll(async () => {
    bed = await Testbed.start();
    flows = await ProtectedFlows.prepare(bed);
    stage = new DisturbedStage(bed, flows);
  });
  afterAll(async () => {
    const head = [
      'operation',
      'rounds',
      'ESP packets',
      'unanswered of',
      'datagrams',
      'in clear',
      'taken in clear of',
      'sent so',
    ];
    console.info(tableOf([head, ...rows]));
    stage?.[Symbol.dispose]();
    await bed?.[Symbol.asyncDispose]();
  });
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(bed.logs())));

  const note = (operation: string, times: number, { esp, attempted, answered, clear, strangers }: Sighting) =>
    rows.push([
      operation,
      times,
      esp,
      attempted - answered,
      attempted,
      clear.length,
      strangers.accepted,
      strangers.sent,
    ]);

  it('is counted in clear, on the wire and at our sockets, while there is no policy', async () => {
    const seen = await flows.watch(() => flows.untilTheyFlow());
    note('no policy yet', 1, seen);
    expect(seen.esp).toBe(0);
    expect(seen.answered).toBeGreaterThan(perSecond / 4);
    // There and back, and what was answered to the stranger.
    expect(seen.clear.length).toBeGreaterThan(2 * seen.answered);
    expect(seen.strangers.accepted).toBeGreaterThan(perSecond / 4);
  });

  describe('is never in clear', () => {
    beforeAll(async () => {
      await stage.protect();
      await stage.untilCalm();
    });

    const neverInClear = async (operation: string, act: (round: number) => Promise<void>): Promise<void> => {
      const seen = await flows.watch(async () => {
        for (let round = 0; round < rounds; round += 1) {
          await act(round);
          await stage.untilCalm();
        }
      });
      note(operation, rounds, seen);
      if (seen.clear.length + seen.strangers.accepted > 0) leaks.push(operation);
      expect(seen.clear.map(describePacket)).toEqual([]);
      expect(seen.strangers.accepted).toBe(0);
      // It was no silence that kept everything from being in clear.
      expect(seen.esp).toBeGreaterThan(seen.attempted / 4);
      expect(seen.strangers.sent).toBeGreaterThan((rounds * perSecond) / 4);
    };

    it.each(disturbances)(`$name, ${rounds} times`, { timeout: 1_200_000 }, ({ name, act }) =>
      neverInClear(name, (round) => act(stage, round)),
    );

    it(`charon restarted by its launcher, ${rounds} times`, { timeout: 1_200_000 }, async () => {
      await bed.daemons.close();
      const daemons = launch(bed);
      try {
        await untilGuardIsReady(bed);
        await stage.untilCalm();
        const restarts = (): number =>
          daemons.log.filter((line) => line.includes('charon of Default ended')).length;
        await neverInClear('charon restarted by its launcher', async (round) => {
          daemons.signal('SIGHUP');
          await eventually('charon is started again', () => restarts() > round, {
            deadlineMilliseconds: 60_000,
          });
        });
      } finally {
        await daemons.end('SIGTERM');
      }
    });

    it('was never in clear in what had to be tried twice either', { retry: 0 }, () => {
      expect(leaks).toEqual([]);
    });
  });
});
