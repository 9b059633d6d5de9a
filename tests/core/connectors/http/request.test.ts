import { readHttpRequest } from '../../../../core/connectors/http/request.ts';
import type { JsonObject } from '../../../../core/json.ts';

const read = (args: JsonObject) => readHttpRequest('weather', args);

describe('readHttpRequest', () => {
  test('is a GET of the base_url unless the skill says more', () => {
    expect(read({})).toEqual({ method: 'GET', path: '', query: {}, headers: {} });
  });

  test('reads every field', () => {
    const args = {
      method: 'post',
      path: '/today',
      query: { city: 'Rome', days: 2, hourly: false, tag: ['a', 'b'] },
      headers: { 'X-Trace': '1' },
      json: { n: null },
      timeoutMs: 500,
    };
    expect(read(args)).toEqual({
      method: 'POST',
      path: '/today',
      query: args.query,
      headers: { 'x-trace': '1' },
      body: { text: '{"n":null}', encoding: 'utf8', contentType: 'application/json' },
      timeoutMs: 500,
    });
  });

  test.each([
    [{ json: null }, { text: 'null', encoding: 'utf8', contentType: 'application/json' }],
    [{ body: 'as it is' }, { text: 'as it is', encoding: 'utf8' }],
    [{ body_base64: 'AQL/' }, { text: 'AQL/', encoding: 'base64' }],
  ])('reads the body of %j', (args, body) => {
    expect(read(args).body).toEqual(body);
  });

  test.each<[JsonObject, string]>([
    [{ method: 'CONNECT' }, 'method'],
    [{ path: 7 }, 'path'],
    [{ path: 'x'.repeat(8193) }, 'path'],
    [{ query: { city: null } }, 'query.city'],
    [{ headers: { host: 'evil.example' } }, 'headers.host'],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }, 'headers.Transfer-Encoding'],
    [{ headers: { 'proxy-authorization': 'x' } }, 'headers.proxy-authorization'],
    [{ headers: { 'x\r\nevil': '1' } }, 'headers.x\\r\\nevil'],
    [{ headers: { 'x-trace': '1\r\nevil: 1' } }, 'headers.x-trace'],
    [{ headers: { 'x-trace': '☃' } }, 'headers.x-trace'],
    [{ body_base64: 'A' }, 'body_base64'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ json: 1, body: 'x' }, ''],
    [{ url: 'https://evil.example' }, ''],
  ])('refuses %j', (args, field) => {
    expect(() => read(args)).toThrow(
      expect.objectContaining({
        code: 'connector_invalid',
        message: expect.stringContaining(
          field === '' ? 'Invalid request to connector "weather": ' : `Invalid "${field}" of the request`,
        ),
      }),
    );
  });
});
