import type { OpenApiDocument } from '@esplanade/ontap';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/test-server.ts';
import { html, prose } from './html.ts';

const server = await startTestServer();
afterAll(() => server.close());
/** Nobody has to log in to read. */
const read = (path: string) => server.request('GET', path, undefined, { authorization: '' });
const document: OpenApiDocument = (await read('/openapi.json')).body;
const index = await read('/docs/api');

function hrefsIn(text: string): readonly string[] {
  return [...text.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
}

const pages = hrefsIn(index.text).filter((href) => href.startsWith('/docs/api/') && !href.endsWith('.css'));

describe('the API documentation', () => {
  it('leads to a page for each resource', () => {
    expect(index.status).toBe(200);
    const resources = Object.keys(document.paths).filter((path) => !path.includes('{'));
    expect(pages.toSorted()).toEqual(resources.map((path) => `/docs/api${path}`).toSorted());
  });

  it.each(['/docs/api', ...pages])('%s needs nothing from elsewhere, and no script', async (path) => {
    const { status, headers, text } = await read(path);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self';/);
    expect(text).not.toMatch(/<script|<img|<iframe|\sstyle=|\son\w+=|<style|(src|href)="(https?:)?\/\//i);
    for (const href of hrefsIn(text)) {
      if (href.startsWith('#')) expect(text).toContain(`id="${href.slice(1)}"`);
      else expect((await read(href)).status).toBe(200);
    }
  });

  it.each(pages)('%s tells of every operation, field, parameter and code', async (page) => {
    const { text } = await read(page);
    const path = page.slice('/docs/api'.length);
    const own = Object.entries(document.paths).filter(
      ([each]) => each === path || each.startsWith(`${path}/{`),
    );
    for (const [, { summary: _, parameters: __, ...operations }] of own)
      for (const { operationId, parameters, responses } of Object.values(operations)) {
        expect(text).toContain(`<section id="${operationId}">`);
        for (const each of parameters) {
          const name = '$ref' in each ? (each.$ref.split('/').at(-1) ?? '') : each.name;
          expect(text).toContain(`<code>${document.components.parameters[name]?.name}</code>`);
        }
        for (const response of Object.values(responses))
          for (const { code } of response['x-ontap-codes'] ?? []) expect(text).toContain(`<td>${code}`);
      }
  });

  it('shows the body of a request and what is required in it', async () => {
    const { text } = await read('/docs/api/security/ipsec/policies');
    expect(text).toContain('<code>local_endpoint.address</code> required');
    expect(text).toContain('&quot;secret_key&quot;: &quot;an example, not for use&quot;');
    expect(text).toContain('string, write-only');
  });

  it.each(['/docs/api/', '/docs/api/svm/svms/'])('%s is the same with its slash', async (path) => {
    expect((await read(path)).text).toBe((await read(path.slice(0, -1))).text);
  });

  it.each(['/docs/api/nowhere', '/docs/apis', '/docs/api/svm', '/docs'])('%s is no page', async (path) => {
    expect(await read(path)).toMatchObject({ status: 404, body: { error: { code: '3' } } });
  });
});

describe('HTML', () => {
  it('is escaped on its way into a template, once', () => {
    const inner = html`<b>${'<&">'}</b>`;
    expect(html`<p title="${`'"`}">${[inner, undefined, 1]}</p>`.text).toBe(
      '<p title="&#39;&quot;"><b>&lt;&amp;&quot;&gt;</b>1</p>',
    );
  });

  it('marks code and what is strong in a sentence', () => {
    expect(prose('**a** `<b>` * c').text).toBe('<strong>a</strong> <code>&lt;b&gt;</code> * c');
  });
});
