import { expectTypeOf, it } from 'vitest';
import { type Api, connect, type ReadOptions, type UnknownRecord } from './index.ts';

const api: Api = connect({ url: 'https://cluster1' });
const policies = api.collection('/security/ipsec/policies');
const sas = api.collection('/security/ipsec/security-associations');

it('records have the members that were asked for, and their keys', () => {
  const some = policies.fields('name', 'action');
  expectTypeOf(some.toArray).returns.resolves.items.toEqualTypeOf<{
    readonly uuid: string;
    readonly name: string;
    readonly action?: 'bypass' | 'discard' | 'esp_transport' | 'esp_udp';
  }>();
  // @ts-expect-error: not asked for
  expectTypeOf(some.first).returns.resolves.exclude(undefined).toHaveProperty('enabled');
});

it('records have of an object what was asked for', () => {
  expectTypeOf(policies.fields('remote_endpoint.address').toArray).returns.resolves.items.toEqualTypeOf<{
    readonly uuid: string;
    readonly remote_endpoint: { readonly address: string };
  }>();
  expectTypeOf(policies.fields('svm').first).returns.resolves.exclude(undefined).toEqualTypeOf<{
    readonly uuid: string;
    readonly svm?: { readonly name?: string; readonly uuid?: string };
  }>();
});

it('records have what is told by default and what the conditions are about, where nothing was asked for', () => {
  const enabled = policies.where('enabled', '=', true).first;
  expectTypeOf(enabled).returns.resolves.exclude(undefined).toEqualTypeOf<{
    readonly uuid: string;
    readonly name: string;
    readonly scope?: 'svm' | 'cluster';
    readonly svm?: { readonly name?: string; readonly uuid?: string };
    readonly enabled?: boolean;
  }>();
});

it('records have what may have been asked for, where that is known when it runs only', () => {
  const wanted: ('name' | 'enabled')[] = [];
  expectTypeOf(policies.fields(...wanted).first)
    .returns.resolves.exclude(undefined)
    .toEqualTypeOf<{
      readonly uuid: string;
      readonly name: string;
      readonly enabled?: boolean;
    }>();
  expectTypeOf(policies.fields().first).returns.resolves.exclude(undefined).not.toHaveProperty('enabled');
});

it('records have everything with *, and by their key, but no secret', () => {
  expectTypeOf(policies.fields('*').first)
    .returns.resolves.exclude(undefined)
    .toHaveProperty('local_identity');
  expectTypeOf(policies.get).returns.resolves.toHaveProperty('remote_endpoint');
  // @ts-expect-error: secrets are never told
  expectTypeOf(policies.get).returns.resolves.toHaveProperty('secret_key');
  // @ts-expect-error: there is no such field
  policies.fields('names');
  // @ts-expect-error: a secret is no field to ask for
  policies.fields('secret_key');
});

it('conditions are about fields that there are, with values that they can have', () => {
  policies.where('name', 'like', 'nfs*').where('action', 'in', ['bypass', 'discard']);
  policies.where('svm.name', '=', null);
  sas.where('ipsec.inbound.bytes', '>', 5).where('lifetime', 'between', [1, 9]);
  api.collection('/security/certificates').where('expiry_time', '<', new Date());
  // @ts-expect-error: true or false
  policies.where('enabled', '=', 'x');
  // @ts-expect-error: no text has a value of these
  policies.where('action', '=', 'encrypt');
  // @ts-expect-error: there is no such field
  policies.where('colour', '=', 'red');
  // @ts-expect-error: a secret cannot be asked for
  policies.where('secret_key', 'like', '0x*');
  // @ts-expect-error: nothing is more than true
  policies.where('enabled', '>', false);
  // @ts-expect-error: a number has no pattern
  sas.where('lifetime', 'like', '3*');
});

it('bodies have what they need, and nothing that they cannot', () => {
  expectTypeOf(policies.create).parameter(0).toHaveProperty('local_endpoint');
  const endpoint = { address: '192.0.2.1', netmask: '32' };
  expectTypeOf({ name: 'nfs', local_endpoint: endpoint, remote_endpoint: endpoint }).toExtend<
    Parameters<typeof policies.create>[0]
  >();
  expectTypeOf({ name: 'nfs' }).not.toExtend<Parameters<typeof policies.create>[0]>();
  expectTypeOf<{ readonly uuid: string }>().not.toExtend<Parameters<typeof policies.create>[0]>();
  expectTypeOf(sas.create).parameter(0).toBeNever();
});

it('keys are as many as the path to a record has', () => {
  expectTypeOf(policies.get).parameters.toEqualTypeOf<[uuid: string, options?: ReadOptions | undefined]>();
  expectTypeOf(api.collection('/security/accounts').get).parameters.toEqualTypeOf<
    [ownerUuid: string, name: string, options?: ReadOptions | undefined]
  >();
  expectTypeOf(
    api.collection('/security/roles/{owner.uuid}/{name}/privileges', 'a', 'b').fields('access').first,
  )
    .returns.resolves.exclude(undefined)
    .toEqualTypeOf<{ readonly path: string; readonly access?: string }>();
});

it('what is not described has records of unknown members', () => {
  const volumes = api.collection('/storage/volumes');
  expectTypeOf(volumes.fields('name').where('size', '>', 5).first).returns.resolves.toEqualTypeOf<
    UnknownRecord | undefined
  >();
  expectTypeOf(api.record('/security/ipsec').get).returns.resolves.toHaveProperty('enabled');
  expectTypeOf(api.record('/security/nothing').get).returns.resolves.toEqualTypeOf<UnknownRecord>();
});
