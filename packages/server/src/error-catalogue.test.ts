import { readdirSync, readFileSync } from 'node:fs';
import { isKnownIn } from '@esplanade/ontap';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';
import { hasForm } from './testing/catalogue-form.ts';
import { otherwiseProvocations, provocations } from './testing/provocations/index.ts';
import { type Provocation, provoke } from './testing/provocations/provocation.ts';
import { provokeByBytes, wireProvocations } from './testing/provocations/wire.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

/** Servers start, OpenSSL makes keys, logins are hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Every code that NetApp documents for the resources served here and their surroundings. */
const documentedCodes: Readonly<Record<string, string>> = {
  'any resource':
    '1 2 3 4 6 8 65541 65552 65562 262177 262179 262185 262186 262188 262190 262194 262196 262197 262198 262199 262200 262201 262203 262210 262245 262247 262248 262255 262278 262279 262325 393271 2621462 2621706 2621707 6691623 39387137',
  '/security/ipsec': '66256898 66256899 66256913 66256915 66257007 66257199 66257496',
  '/security/ipsec/policies':
    '66257096 66257097 66257099 66257100 66257101 66257102 66257103 66257104 66257107 66257109 66257110 66257111 66257112 66257113 66257114 66257115 66257116 66257117 66257120 66257121 66257125 66257126 66257127 66257128 66257129 66257130 66257131 66257132 66257133 66257134 66257135 66257136 66257137 66257138 66257139 66257140 66257142 66257143 66257144 66257148 66257153 66257154 66257199 66257200 66257201 66257202 66257203 66257204 66257205 66257305 66257396',
  '/security/ipsec/security-associations': '66257118 66257119',
  '/security/ipsec/ca-certificates': '66257296 66257298 66257303 66257304',
  '/security/accounts': '5636098 5636125 5636146',
  '/security/certificates':
    '3735553 3735558 3735588 3735589 3735590 3735618 3735622 3735627 3735632 3735644 3735645 3735646 3735650 3735664 3735665 3735676 3735679 3735681 3735683 3735693 3735696 3735700 3735751 3735764 52363365 52363366 52559972 52559973 52559974 52559975 52559976 52560123 52560173 52560272',
};

const usualRelease = '9.18.1';

const shared = new Map<string, Promise<TestServer>>();
afterAll(async () => {
  for (const server of shared.values()) await (await server).close();
});

/** The server of a row: one for all rows of a release that leave it as it was. */
async function withServer<T>(row: Provocation, use: (server: TestServer) => Promise<T>): Promise<T> {
  const { release = usualRelease, flags = [] } = row;
  const start = () => startTestServer('--ontap-version', release, ...flags);
  if (row.isAlone !== true && row.fault === undefined && row.flags === undefined) {
    const server = shared.get(release) ?? start();
    shared.set(release, server);
    return use(await server);
  }
  const own = await start();
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

describe('the error catalogue', () => {
  const possible = errorCatalogue.filter(({ absentBecause }) => absentBecause === undefined);
  const unsaid = errorCatalogue.filter(({ absentBecause }) => absentBecause !== undefined);
  const otherwise = unsaid.filter(({ answeredWith }) => answeredWith !== undefined);
  const absent = unsaid.filter(({ answeredWith }) => answeredWith === undefined);

  it('is written in ASCII', () => {
    for (const { id, message } of errorCatalogue) expect(message, id).toMatch(/^[ -~]*$/);
  });

  it('is exactly what a request here brings about, what is answered otherwise, and what cannot occur', () => {
    const provoked = [...Object.keys(provocations), ...Object.keys(wireProvocations)];
    expect(provoked.sort()).toEqual(possible.map(({ id }) => id).sort());
    expect(Object.keys(otherwiseProvocations).sort()).toEqual(otherwise.map(({ id }) => id).sort());
    const rows = Object.entries({ ...provocations, ...otherwiseProvocations });
    expect(rows.filter(([, { length }]) => length === 0)).toEqual([]);
  });

  it('has each code in one of the three lists only', () => {
    const lists = [possible, otherwise, absent].map((list) => new Set(list.map(({ code }) => code)));
    const codes = lists.flatMap((list) => [...list]);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it('answers otherwise with errors of its own only', () => {
    const own = new Set(possible.map(({ code, message }) => `${code} ${message}`));
    const answers = otherwise.flatMap(({ answeredWith = [] }) => answeredWith);
    expect(answers.filter(({ code, message }) => !own.has(`${code} ${message}`))).toEqual([]);
  });

  it('says of each code in which releases it is, wherever it is declared', () => {
    const lives = new Map(errorCatalogue.map(({ code, since, until }) => [code, `${since} ${until}`]));
    const others = errorCatalogue.filter(({ code, since, until }) => lives.get(code) !== `${since} ${until}`);
    expect(others).toEqual([]);
  });

  it('calls each entry by a name of its own', () => {
    const ids = errorCatalogue.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('is where codes are declared: nothing else in the source names one', () => {
    const packages = new URL('../../', import.meta.url);
    const sources = readdirSync(packages, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => /\/src\/.*\.ts$/.test(file) && !/\.(test|fixture)\.ts$|node_modules|\/testing\//.test(file),
      )
      .filter((file) => /\bcode: '\d+'/.test(readFileSync(new URL(file, packages), 'utf8')));
    const declaring = /-error-codes\.ts$|-kinds\.ts$|\/error-codes\.ts$|\/edge-error\.ts$/;
    expect(sources.filter((file) => !declaring.test(file))).toEqual([]);
  });

  it.each(Object.entries(documentedCodes))('has every code documented for %s', (_path, codes) => {
    const known = new Set(errorCatalogue.map(({ code }) => code));
    expect(codes.split(' ').filter((code) => !known.has(code))).toEqual([]);
  });
});

describe.each(errorCatalogue.filter(({ id }) => id in provocations))('$id, $code', (entry) => {
  it.each(
    (provocations[entry.id] ?? []).map(
      (row, index) => [`${index + 1}: ${row.method} ${row.path}`.slice(0, 120), row] as const,
    ),
  )('is the answer to %s', async (_name, row) => {
    expect(isKnownIn(row.release ?? usualRelease, entry)).toBe(true);
    const { status, body } = await withServer(row, (server) => provoke(server, row));
    const error = row.isBeside === true ? body.error?.arguments?.[0] : body.error;
    expect({ status, code: error?.code, target: error?.target }, JSON.stringify(body)).toEqual({
      status: entry.status,
      code: entry.code,
      target: row.target,
    });
    expect(hasForm(error.message, entry), error.message).toBe(true);
  });
});

describe.each(errorCatalogue.filter(({ id }) => id in otherwiseProvocations))('$id, $code', (entry) => {
  const { id, answeredWith = [] } = entry;
  const rows = otherwiseProvocations[id] ?? [];

  it('is answered with what stands for it here', async () => {
    expect(rows).toHaveLength(Math.max(answeredWith.length, 1));
    for (const [index, row] of rows.entries()) {
      expect(isKnownIn(row.release ?? usualRelease, entry)).toBe(true);
      const { status, body, text } = await withServer(row, (server) => provoke(server, row));
      const instead = answeredWith[index];
      const error = body?.error;
      expect({ status, code: error?.code, target: error?.target }, text).toEqual({
        status: instead?.status ?? 201,
        code: instead?.code,
        target: row.target,
      });
      if (instead !== undefined) expect(hasForm(error.message, instead), error.message).toBe(true);
    }
  });
});

describe.each(errorCatalogue.filter(({ id }) => id in wireProvocations))('$id, $code', (entry) => {
  const row = wireProvocations[entry.id];
  it(`is the answer to ${row?.what}`, async () => {
    if (row === undefined) throw new Error('there is no row');
    const server = await startTestServer();
    try {
      const { message, code } = entry;
      expect(await provokeByBytes(server, row)).toEqual({
        status: entry.status,
        body: { error: { message, code } },
      });
    } finally {
      await server.close();
    }
  });
});
