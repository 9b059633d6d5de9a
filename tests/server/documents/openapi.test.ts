/** What the API says of itself. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { JsonObject } from '../../../core/json.ts';
import { ENDPOINTS } from '../../../server/routes/index.ts';
import { openApi } from '../../support/api.ts';
import type { TestApi } from '../../support/api.ts';
import { rootWith } from '../../support/deployment.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openApi(rootWith({}));
});
afterAll(() => api.close());

describe('GET /openapi.json', () => {
  test('lints without a warning', async () => {
    const { text, headers } = await api.get('/openapi.json');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: text, config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  test('holds every endpoint, and refers only to schemas that it holds', async () => {
    const { text, body } = await api.get('/openapi.json');
    const { paths, components } = body as unknown as {
      paths: Record<string, Record<string, JsonObject>>;
      components: { schemas: JsonObject };
    };
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId as string),
    );
    expect(ids.sort()).toEqual(ENDPOINTS.map(({ id }) => id).sort());
    const referred = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name));
    expect(new Set(Object.keys(components.schemas))).toEqual(referred);
  });
});

describe('GET /docs', () => {
  test('is a page that loads nothing and runs nothing', async () => {
    const { text, headers } = await api.get('/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(text).toContain('<code>POST /skills/{skill}/run</code>');
    expect(text).not.toMatch(/<script|src=|https?:\/\//);
  });
});
