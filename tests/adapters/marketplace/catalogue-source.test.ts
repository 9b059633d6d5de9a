/** Catalogues at https addresses, from real servers with certificates. */
import type { lookup as resolve } from 'node:dns';
import type { RequestListener } from 'node:http';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DownloadOptions } from '../../../adapters/marketplace/catalogue-download.ts';
import { openCatalogue } from '../../../adapters/marketplace/catalogue-source.ts';
import { publishTo } from '../../../adapters/marketplace/publishing.ts';
import { httpServer } from '../../support/http-server.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { selfSigned } from '../../support/tls.ts';
import type { Certificate } from '../../support/tls.ts';

const TEXT = JSON.stringify([aPackage('acme/one')]);

let tls: Certificate;
beforeAll(() => {
  tls = selfSigned('DNS:shop.test', 'DNS:other.test', 'IP:127.0.0.1');
});

/** Names resolve to this machine, as those of a hostile publisher may. */
const lookup = ((_host: string, _options: object, done: (error: null, found: object) => void) =>
  done(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof resolve;

/** Resolves to the ids of the packages, or to the code and message of the error. */
function ids(address: string, options: Partial<DownloadOptions> & { readonly folder?: string } = {}) {
  const { folder = tempFolder(), ...more } = options;
  const asked = openCatalogue(address, {
    cacheDir: () => folder,
    network: { lookup, ca: tls.cert },
    ...more,
  });
  return asked.then(
    ({ packages }) => packages.map(({ id }) => id).join(),
    ({ code, message }: { code: string; message: string }) =>
      `${code}: ${message.replaceAll(/:\d{4,5}/g, '')}`,
  );
}

const serve = (answer: RequestListener) => httpServer(answer, tls);

test('a catalogue is read from its server, and again only if its ETag is another', async () => {
  let etag = '"1"';
  await using server = await serve((request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(TEXT);
  });
  const folder = tempFolder();
  const read = () => ids(`https://shop.test:${server.port}/catalog.json`, { folder });
  expect([await read(), await read()]).toEqual(['acme/one', 'acme/one']);
  etag = '"2"';
  expect(await read()).toBe('acme/one');
  expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);

  const [kept = ''] = readdirSync(path.join(folder, 'catalogues'));
  const file = path.join(folder, 'catalogues', kept);
  writeFileSync(file, readFileSync(file, 'utf8').replace('acme/one', 'evil/one'));
  expect(await read()).toBe('acme/one');
  expect(server.requests.at(-1)?.headers['if-none-match']).toBeUndefined();
});

test('a cache folder that cannot be written is not used', async () => {
  await using server = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(TEXT));
  const folder = path.join(tempFolder(), 'file');
  writeFileSync(folder, '');
  expect(await ids(`${server.url}/catalog.json`, { folder })).toBe('acme/one');
});

describe('a redirect', () => {
  test('is followed to the same server, with a limit', async () => {
    await using server = await serve(({ url }, response) => {
      if (url === '/new') response.end(TEXT);
      else response.writeHead(302, { location: url === '/old' ? 'new' : '/loop' }).end();
    });
    expect(await ids(`${server.url}/old`)).toBe('acme/one');
    expect(await ids(`${server.url}/loop`)).toBe(
      'input_unreadable: Catalogue "https://127.0.0.1/loop" is behind more than 5 redirects',
    );
  });

  test.each([
    ['https://127.0.0.1:PORT/', 'must not be read from 127.0.0.1'],
    ['https://other.test:PORT/', 'must not be read from other.test (127.0.0.1)'],
    ['https://169.254.169.254/', 'must not be read from 169.254.169.254'],
    ['https://[::1]:PORT/', 'must not be read from ::1'],
    ['http://shop.test:PORT/', 'redirects to what is no https address'],
    ['https://a:b@shop.test:PORT/', 'redirects to what is no https address'],
    ['file:///etc/passwd', 'redirects to what is no https address'],
  ])('to %s is refused', async (target, why) => {
    await using inner = await serve((_, response) => response.end(TEXT));
    const location = target.replace('PORT', String(inner.port));
    await using server = await serve((_, response) => response.writeHead(301, { location }).end());
    const found = await ids(`https://shop.test:${server.port}/`);
    expect(found).toContain(why);
    expect(found).toMatch(/^(address_refused|input_unreadable): /);
    expect(inner.requests).toEqual([]);
  });
});

describe('a catalogue is refused', () => {
  test.each<[string, RequestListener]>([
    ['came with status 404', (_, response) => response.writeHead(404).end()],
    ['came with status 304', (_, response) => response.writeHead(304).end()],
    ['is not UTF-8', (_, response) => response.end(Buffer.from([0xff]))],
    ['did not arrive: ', (_, response) => response.writeHead(200, { 'content-length': 9 }).destroy()],
  ])('that %s', async (why, answer) => {
    await using server = await serve(answer);
    expect(await ids(`${server.url}/`)).toMatch(`input_unreadable: Catalogue "https://127.0.0.1/" ${why}`);
  });

  test('that is too large, before it is read', async () => {
    let sent = 0;
    await using server = await serve((_, response) => {
      const block = Buffer.alloc(4 * 1024 * 1024, ' ');
      const more = () => {
        sent += block.length;
        if (!response.destroyed) response.write(block, more);
      };
      more();
    });
    expect(await ids(`${server.url}/`)).toContain('is larger than 64 MiB');
    expect(sent).toBeLessThan(100 * 1024 * 1024);
  });

  test('that does not arrive in time', async () => {
    await using server = await serve((_, response) => response.write('['));
    expect(await ids(`${server.url}/`, { timeoutMs: 300 })).toContain('did not arrive within 300 ms');
  });

  test('whose certificate is not trusted, or for another host', async () => {
    await using server = await serve((_, response) => response.end(TEXT));
    expect(await ids(`${server.url}/`, { network: {} })).toContain(
      'did not arrive: DEPTH_ZERO_SELF_SIGNED_CERT',
    );
    const elsewhere = await ids(`https://elsewhere.test:${server.port}/`);
    expect(elsewhere).toContain('did not arrive: ERR_TLS_CERT_ALTNAME_INVALID');
    expect(server.requests).toEqual([]);
  });

  test.each(['http://shop.test/', 'https://ada:secret@shop.test/', 'ftp://shop.test/', 'https://'])(
    'at %s, whose address is not quoted',
    async (address) => {
      const found = await ids(address);
      expect(found).toMatch(/^usage: Expected a catalogue at an https address/);
      expect(found).not.toContain('secret');
    },
  );
});

test('nothing is published to an address', async () => {
  await expect(publishTo('https://shop.test/catalog.json', {})).rejects.toMatchObject({ code: 'usage' });
});
