import { describe, expect, it } from 'vitest';
import { ConnectionError, type Transport, UnconfirmedError, UnexpectedAnswerError } from './index.ts';
import { scriptedServer } from './testing/scripted-server.ts';

describe('a job', () => {
  const begun = { status: 202, body: { job: { uuid: 'j1' } } };

  it('is waited for', async () => {
    const states = ['queued', 'running', 'success'].map((state) => ({ body: { uuid: 'j1', state } }));
    const { api, lines } = scriptedServer([begun, ...states]);
    await api.collection('/svm/svms').modify('1', { name: 'svm2' });
    expect(lines().slice(1)).toEqual(
      states.map(() => 'GET /api/cluster/jobs/j1?fields=description%2Cstate%2Cmessage%2Ccode%2Cerror'),
    );
  });

  it('fails with what it says, its code a number or in an error of its own', async () => {
    const failed = { body: { state: 'failure', code: 13434893, message: 'The SVM is busy.' } };
    const own = {
      body: { state: 'failure', code: 0, error: { code: '4', message: 'gone', target: 'uuid' } },
    };
    const { api } = scriptedServer([begun, failed, begun, own]);
    await expect(api.collection('/svm/svms').delete('1')).rejects.toMatchObject({
      code: '13434893',
      message: 'The SVM is busy.',
    });
    await expect(api.collection('/svm/svms').delete('1')).rejects.toMatchObject({
      code: '4',
      target: 'uuid',
    });
  });

  it('tells how it is each time it is looked at, and in the end that it is no longer waited for', async () => {
    const heard: unknown[] = [];
    const describing = (state: string) => ({
      body: { uuid: 'j1', state, description: 'POST /api/svm/svms/1' },
    });
    const answers = [begun, describing('queued'), describing('running'), describing('success')];
    const lost = [begun, { status: 404, body: { error: { code: '4', message: 'no such entry' } } }];
    const { api } = scriptedServer([...answers, ...lost], { onJob: (job) => heard.push(job) });
    await api.collection('/svm/svms').delete('1');
    const told = ['queued', 'running'].map((state) => ({ uuid: 'j1', state }));
    expect(heard).toEqual([...told, undefined]);
    await expect(api.collection('/svm/svms').delete('1')).rejects.toThrow(UnconfirmedError);
    expect(heard).toEqual([...told, undefined, undefined]);
  });

  it('is waited for no longer than is said, and may be done then', async () => {
    const transport: Transport = async ({ method }) => {
      const body = method === 'GET' ? { uuid: 'j1', state: 'running' } : begun.body;
      return { status: method === 'GET' ? 200 : 202, header: () => undefined, text: JSON.stringify(body) };
    };
    const { api } = scriptedServer([], { jobTimeoutMs: 20, transport });
    for (const change of [
      () => api.collection('/svm/svms').delete('1'),
      () => api.call('POST', '/any', {}),
    ]) {
      const late = change();
      await expect(late).rejects.toThrow('Job j1 is running, and 0.02 s were waited for its end.');
      await expect(late).rejects.toBeInstanceOf(UnconfirmedError);
      await expect(late).rejects.toMatchObject({ mayBeDone: true, isDone: false });
    }
    expect(() => scriptedServer([], { jobTimeoutMs: 0 })).toThrow(RangeError);
  });

  it('ends in an error where its state is none that ends', async () => {
    const { api } = scriptedServer([begun, { body: { state: 'lost' } }]);
    await expect(api.collection('/svm/svms').delete('1')).rejects.toThrow(UnexpectedAnswerError);
  });

  it('is waited for with the others that were begun, and what the first failed with is told in the end', async () => {
    const both = { status: 202, body: { num_records: 2, jobs: [{ uuid: 'j1' }, { uuid: 'j2' }] } };
    const failed = { body: { state: 'failure', code: 4, message: 'gone' } };
    const done = { body: { state: 'success' } };
    const { api, lines } = scriptedServer([both, done, done, both, failed, done]);
    const volumes = api.collection('/storage/volumes').where('name', '=', 'a');
    expect(await volumes.delete()).toBe(2);
    await expect(volumes.delete()).rejects.toMatchObject({ code: '4' });
    expect(lines().map((line) => /jobs.(j\d)/.exec(line)?.[1])).toEqual([
      undefined,
      'j1',
      'j2',
      undefined,
      'j1',
      'j2',
    ]);
  });

  it('that is forgotten, or cannot be looked at, leaves open how it ended', async () => {
    const forgotten = { status: 404, body: { error: { code: '4', message: 'no such entry' } } };
    const { api } = scriptedServer([begun, forgotten, begun, new ConnectionError('broken')], { retries: 0 });
    for (const sentence of [/job j1 is no longer there/, /broken/]) {
      const deletion = api.collection('/svm/svms').delete('1');
      await expect(deletion).rejects.toThrow(sentence);
      await expect(deletion).rejects.toBeInstanceOf(ConnectionError);
      await expect(deletion).rejects.toMatchObject({ mayBeDone: true });
    }
  });

  it.each([undefined, '', '..', 5, null])('without a name (%j) is not looked for', async (uuid) => {
    const { api, lines } = scriptedServer([{ status: 202, body: { job: { uuid } } }]);
    await expect(api.collection('/svm/svms').delete('1')).rejects.toThrow(UnexpectedAnswerError);
    expect(lines()).toHaveLength(1);
  });

  it('that makes a record is followed by a look at it, wherever its place is told', async () => {
    const made = { body: { uuid: '7', name: 'made' } };
    const done = { body: { state: 'success', description: 'POST /api/storage/volumes/7' } };
    const elsewhere = { body: { state: 'success', description: 'POST /api/storage/aggregates/7' } };
    const volumes = '/api/storage/volumes';
    const cases = [
      [{ ...begun, headers: { location: `${volumes}/7` } }, elsewhere],
      [{ ...begun, body: { ...begun.body, records: [{ uuid: '7' }] } }, elsewhere],
      [begun, done],
    ] as const;
    for (const [answer, job] of cases) {
      const { api, lines } = scriptedServer([answer, job, made]);
      expect(await api.collection('/storage/volumes').create({})).toEqual(made.body);
      expect(lines().at(-1)).toBe(`GET ${volumes}/7`);
    }
    const { api } = scriptedServer([begun, elsewhere]);
    await expect(api.collection('/storage/volumes').create({})).rejects.toThrow(/does not say which/);
  });
});
