import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { OfflineFixture } from '../../../adapters/skill-host/offline-responses.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const folder = tempFolder();
const preload = path.join(folder, 'offline.mjs');

beforeAll(async () => {
  await build({
    entryPoints: ['adapters/skill-host/offline.ts'],
    outfile: preload,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
});

/** What a module prints as JSON, loaded after the preload. */
function said(code: string, fixture: OfflineFixture = {}): unknown {
  const file = path.join(folder, 'fixture.json');
  writeFileSync(file, JSON.stringify(fixture));
  const script = path.join(folder, 'script.mjs');
  writeFileSync(script, `const say = (x) => console.log(JSON.stringify(x));\n${code}`);
  const url = pathToFileURL(preload);
  url.searchParams.set('fixture', pathToFileURL(file).href);
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', url.href, script], {
    encoding: 'utf8',
  });
  return stdout === '' ? stderr : (JSON.parse(stdout) as unknown);
}

const REQUEST = `
const text = (response) => new Promise((resolve) => {
  let body = '';
  response.on('data', (chunk) => { body += chunk; }).on('end', () => resolve(body));
});
const ask = (request) => new Promise((resolve, reject) => {
  request.on('response', async (response) => resolve([response.statusCode, await text(response)]));
  request.on('error', reject);
});
`;

describe('HTTP', () => {
  const mocked = (method: string, url: string) => ({ mocked: true, method, url });

  test.each([
    [
      'fetch',
      "const r = await fetch('https://a.test/x?y=1', { method: 'POST', body: 'b' }); say(await r.json());",
    ],
    [
      'https.request',
      `import https from 'node:https'; ${REQUEST}
      const r = https.request('https://a.test/x?y=1', { method: 'POST' }); r.end('b'); say(JSON.parse((await ask(r))[1]));`,
    ],
    [
      'a named import of it, with options and an agent of its own',
      `import { request, Agent } from 'node:https'; ${REQUEST}
      const r = request({ hostname: 'a.test', path: '/x?y=1', method: 'POST', agent: new Agent() });
      r.end('b'.repeat(100_000)); say(JSON.parse((await ask(r))[1]));`,
    ],
    [
      'require of it',
      `import { createRequire } from 'node:module'; ${REQUEST}
      const r = createRequire(import.meta.url)('https').request(new URL('https://a.test/x?y=1'), { method: 'POST' });
      r.end(); say(JSON.parse((await ask(r))[1]));`,
    ],
  ])('is answered by what was asked: %s', (_, code) => {
    expect(said(code)).toEqual(mocked('POST', 'https://a.test/x?y=1'));
  });

  test('is answered on any port, over http.get too', () => {
    const code = `import http from 'node:http'; ${REQUEST}
      http.get('http://localhost:9/x', async (r) => say(JSON.parse(await text(r))));`;
    expect(said(code)).toEqual(mocked('GET', 'http://localhost:9/x'));
  });

  const fixture: OfflineFixture = {
    exchanges: [
      {
        request: { method: 'GET', url: 'https://a.test' },
        response: { status: 503, headers: {}, body: 'no' },
      },
      {
        request: { method: 'GET', url: 'https://a.test/' },
        response: { status: 200, headers: { 'x-a': 'b' }, body: 'yes' },
      },
    ],
  };

  test('is answered in the order that was recorded, the last for ever', () => {
    const code = `const all = [];
      for (let n = 0; n < 3; n++) { const r = await fetch('https://a.test'); all.push([r.status, r.headers.get('x-a'), await r.text()]); }
      say(all);`;
    expect(said(code, fixture)).toEqual([
      [503, null, 'no'],
      [200, 'b', 'yes'],
      [200, 'b', 'yes'],
    ]);
  });

  test.each([
    ['fetch', "await fetch('https://b.test/x').catch((error) => say(error.message));"],
    [
      'https',
      `import https from 'node:https'; ${REQUEST} await ask(https.get('https://b.test/x')).catch((error) => say(error.message));`,
    ],
  ])('is refused where it was not recorded: %s', (_, code) => {
    expect(said(code, fixture)).toBe('No answer was recorded to GET https://b.test/x');
  });
});

describe('other connections', () => {
  test.each([
    [
      'net',
      "import net from 'node:net'; net.connect(5432, 'localhost').on('error', (error) => say(error.message));",
    ],
    [
      'a socket file',
      "import net from 'node:net'; net.connect('/run/x.sock').on('error', (error) => say(error.message));",
    ],
    [
      'tls',
      "import tls from 'node:tls'; tls.connect(443, 'a.test').on('error', (error) => say(error.message));",
    ],
    [
      'http2',
      "import http2 from 'node:http2'; http2.connect('https://a.test').on('error', (error) => say(error.message));",
    ],
    [
      'udp',
      "import { createSocket } from 'node:dgram'; try { createSocket('udp4').send('x', 53, 'localhost'); } catch (error) { say(error.message); }",
    ],
  ])('are refused: %s', (_, code) => {
    expect(said(code)).toMatch(/^A test is offline: /);
  });
});

describe('the clock', () => {
  const at = '2001-02-03T04:05:06.000Z';

  test('starts at the time of the recording and runs', () => {
    const code = `const begun = Date.now(); while (Date.now() - begun < 20) ;
      say([new Date().toISOString().slice(0, 16), Date().slice(0, 15), new Date(0).getTime(), new Date(2020, 0).getFullYear(), new Date() instanceof Date, Date.UTC(1970, 0)]);`;
    expect(said(code, { at })).toEqual(['2001-02-03T04:05', 'Sat Feb 03 2001', 0, 2020, true, 0]);
  });

  test('is left alone otherwise', () => {
    expect(said('say(Math.abs(Date.now() - performance.timeOrigin) < 60_000);')).toBe(true);
  });
});
