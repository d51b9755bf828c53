import { type RevocationList, readCheckedRevocationList } from '@esplanade/domain';
import { Fields } from './fields.ts';
import { keys } from './keys.ts';
import type { CaRevocationList } from './model.ts';

/** Stored form of what is kept of a CA's revoked certificates. The list is kept as it was signed, and read again. */
export const revocationListDocument = {
  write: ({ url, list }: CaRevocationList): string =>
    JSON.stringify({ url, ...(list && { list: Buffer.from(list.der).toString('base64') }) }),
  read: (certificateUuid: string, text: string): CaRevocationList => {
    const fields = Fields.parse(keys.revocationList(certificateUuid), text);
    const record = {
      certificateUuid,
      ...(fields.has('url') && { url: fields.text('url') }),
      ...(fields.has('list') && { list: fields.parsed('list', readList) }),
    };
    fields.end();
    return record;
  },
};

function readList(base64: string) {
  return readCheckedRevocationList(new Uint8Array(Buffer.from(base64, 'base64')));
}

/** The list with the highest number that there ever was of a CA, for one owner. */
export type HighestList = Pick<RevocationList, 'number' | 'sha256'>;

/** Stored form of which list has the highest number. */
export const revocationNumberDocument = {
  write: ({ number, sha256 }: HighestList): string => JSON.stringify({ number: String(number), sha256 }),
  read: (key: string, text: string): HighestList => {
    const fields = Fields.parse(key, text);
    const highest = { number: fields.parsed('number', readNumber), sha256: fields.text('sha256') };
    fields.end();
    return highest;
  },
};

function readNumber(text: string): bigint | undefined {
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}
