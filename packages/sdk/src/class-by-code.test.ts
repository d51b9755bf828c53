import { describe, expect, it } from 'vitest';
import {
  ApiError,
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  UnavailableError,
} from './index.ts';
import { type Scripted, scriptedServer } from './testing/scripted-server.ts';

const path = '/storage/volumes';
const begun = { status: 202, body: { job: { uuid: 'j1' } } };
const failed = (what: object): Scripted => ({ body: { state: 'failure', ...what } });
const refusal = (status: number, error: unknown): Scripted => ({ status, body: { error } });

/** What a change that is answered with these is refused with. */
async function refusalOf(...answers: readonly Scripted[]): Promise<unknown> {
  const { api } = scriptedServer(answers, { retries: 0 });
  return api
    .collection(path)
    .modify('1', {})
    .catch((thrown: unknown) => thrown);
}

const classes = [
  ['1', ConflictError],
  ['8', ConflictError],
  ['66257103', ConflictError],
  ['66257104', ConflictError],
  ['52560272', ConflictError],
  ['4', NotFoundError],
  ['2621462', NotFoundError],
  ['66257116', NotFoundError],
  ['66257303', NotFoundError],
  ['6', ForbiddenError],
  ['6691623', ForbiddenError],
  ['262197', InvalidRequestError],
  ['66257120', InvalidRequestError],
  ['66257396', InvalidRequestError],
] as const;

describe('a refusal is of the class that its code is of', () => {
  it.each(classes)('where a job failed with it: %s', async (code, type) => {
    const error = await refusalOf(begun, failed({ code: Number(code), message: 'No.' }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status: 202, code, message: 'No.', mayBeDone: false });
  });

  it.each(classes)('where a command of the private CLI answers 500, or success: %s', async (code, type) => {
    for (const status of [500, 200]) {
      const error = await refusalOf(refusal(status, { code, message: 'No.' }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, code });
    }
  });

  it.each(['65541', '65562', '66257096', '66257097', '66257110', '66257142', '917927', ''])(
    'and of none where the code tells no more: %s',
    async (code) => {
      for (const error of [
        await refusalOf(refusal(500, { code, message: 'No.' })),
        await refusalOf(begun, failed({ code, message: 'No.' })),
      ]) {
        expect(error).toBeInstanceOf(ApiError);
        expect(error).toMatchObject({ name: 'ApiError', code });
      }
    },
  );

  it('and never against a status that tells', async () => {
    expect(await refusalOf(refusal(400, { code: '66257104', message: 'No.' }))).toBeInstanceOf(
      InvalidRequestError,
    );
    expect(await refusalOf(refusal(404, { code: '262179', message: 'No.' }))).toBeInstanceOf(NotFoundError);
    expect(await refusalOf(refusal(503, { code: '4', message: 'No.' }))).toBeInstanceOf(UnavailableError);
  });
});

describe('a refusal says something', () => {
  it('where it has a sentence and no code', async () => {
    expect(await refusalOf(refusal(400, { message: 'No.' }))).toMatchObject({ code: '', message: 'No.' });
    expect(await refusalOf(begun, failed({ message: 'Out of space.' }))).toMatchObject({
      code: '',
      message: 'Out of space.',
    });
    expect(await refusalOf(begun, failed({ message: 'Outer.', error: { message: 'Inner.' } }))).toMatchObject(
      {
        message: 'Inner.',
      },
    );
  });

  it('where a job says nothing, and where a code is all there is', async () => {
    expect(await refusalOf(begun, failed({}))).toMatchObject({
      message: 'The job failed, and does not say why',
    });
    expect(await refusalOf(refusal(409, { code: '8' }))).toMatchObject({ code: '8', message: 'error 8' });
  });
});

it('a number of records below none is no number', async () => {
  const { api } = scriptedServer(Array(2).fill({ body: { records: [], num_records: -5 } }));
  await expect(api.collection(path).count()).rejects.toThrow(/without a number of records/);
  expect(await api.collection(path).where('name', '=', 'a').delete()).toBe(0);
});
