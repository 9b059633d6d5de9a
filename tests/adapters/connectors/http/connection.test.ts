/** What a connector connects to: addresses at the moment of connecting, and certificates. */
import { execFileSync } from 'node:child_process';
import type { lookup as resolve } from 'node:dns';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openHttpClient } from '../../../../adapters/connectors/http/client.ts';
import type { HttpClientOptions } from '../../../../adapters/connectors/http/client.ts';
import { httpServer } from '../../../support/http-server.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const never = new AbortController().signal;

type Request = Pick<HttpClientOptions, 'baseUrl'> & Partial<HttpClientOptions>;

/** Makes GET requests one after another; resolves to their bodies, or the codes and messages of their errors. */
async function ask(options: Request, times = 1): Promise<unknown[]> {
  const client = openHttpClient({ id: 'weather', allowPrivate: true, timeoutMs: 10_000, ...options });
  const outcomes: unknown[] = [];
  for (let n = 0; n < times; n++) {
    const call = client.request({ method: 'GET', path: '', query: {}, headers: {} }, never);
    outcomes.push(
      await call.then(
        ({ body }) => body,
        ({ code, message }) => `${code}: ${message}`,
      ),
    );
  }
  await client.close();
  return outcomes;
}

/** Resolves any name to these addresses, one list per look-up. */
function dns(...answers: readonly (readonly string[])[]) {
  let at = 0;
  const lookup = (_host: string, _options: object, done: (error: null, found: object) => void) => {
    const found = answers[Math.min(at++, answers.length - 1)] ?? [];
    done(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup: lookup as unknown as typeof resolve };
}

describe('an address', () => {
  const hello = () =>
    httpServer((_, response) => response.writeHead(200, { connection: 'close' }).end('hello'));

  test.each(['127.0.0.1', 'localhost', '2130706433', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])(
    '%s is refused without allow_private, before anything is sent',
    async (host) => {
      await using server = await hello();
      const [outcome] = await ask({ baseUrl: `http://${host}:${server.port}`, allowPrivate: false });
      expect(outcome).toMatch(/^address_refused: Connector "weather" must not connect to /);
      expect(server.requests).toEqual([]);
    },
  );

  test('that is unspecified is refused always', async () => {
    await using server = await hello();
    expect(await ask({ baseUrl: `http://0.0.0.0:${server.port}` })).toEqual([
      'address_refused: Connector "weather" must not connect to 0.0.0.0',
    ]);
    expect(server.requests).toEqual([]);
  });

  test('counts when it is connected to, so a name that resolves differently later is refused then', async () => {
    await using server = await hello();
    const network = dns(['127.0.0.1'], ['0.0.0.0']);
    expect(await ask({ baseUrl: `http://api.test:${server.port}`, network }, 2)).toEqual([
      'hello',
      'address_refused: Connector "weather" must not connect to api.test (0.0.0.0)',
    ]);
  });

  test('is refused together with the others of its name', async () => {
    await using server = await hello();
    const network = dns(['8.8.8.8', '10.0.0.1']);
    expect(await ask({ baseUrl: `http://api.test:${server.port}`, network, allowPrivate: false })).toEqual([
      'address_refused: Connector "weather" must not connect to api.test (10.0.0.1)',
    ]);
  });
});

describe('a certificate', () => {
  const folder = tempFolder();
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

  beforeAll(() => {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test CA',
      '-days',
      '2',
    );
  });

  /** Signed by the test's authority. */
  function certificate(name: string, host: string, days: number) {
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...subject);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-days', String(days), '-out', `${name}.pem`);
    return { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) };
  }

  async function outcomeWith(host: string, days: number, trusts = true): Promise<unknown> {
    const tls = certificate(`${host}${days}`, host, days);
    await using server = await httpServer((_, response) => response.end('hello'), tls);
    const ca = trusts ? readFileSync(file('ca.pem'), 'utf8') : undefined;
    const network = { ...dns(['127.0.0.1']), ...(ca !== undefined && { ca }) };
    const [outcome] = await ask({ baseUrl: `https://api.test:${server.port}`, network });
    return String(outcome).replace(String(server.port), 'PORT');
  }

  const refused = 'connector_unreachable: Connector "weather" could not connect to api.test:PORT: ';

  test('of the host and of a known authority is accepted', async () => {
    expect(await outcomeWith('api.test', 2)).toBe('hello');
  });

  test('that has expired is refused', async () => {
    expect(await outcomeWith('api.test', -1)).toBe(`${refused}CERT_HAS_EXPIRED`);
  });

  test('of another name is refused', async () => {
    expect(await outcomeWith('evil.test', 2)).toBe(`${refused}ERR_TLS_CERT_ALTNAME_INVALID`);
  });

  test('of an unknown authority is refused', async () => {
    expect(await outcomeWith('api.test', 1, false)).toBe(`${refused}UNABLE_TO_VERIFY_LEAF_SIGNATURE`);
  });
});
