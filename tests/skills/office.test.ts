/** The sample skills that use connectors: with a service and a file as in a run, and by their own tests. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCallGuard } from '../../adapters/connectors/call-guard.ts';
import { openConnectors } from '../../adapters/connectors/connectors.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import type { ConnectorHost } from '../../core/connectors/connector.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { parseConfig } from '../../core/settings/config.ts';
import type { HttpConnector, SqlConnector } from '../../core/skill-api.ts';
import { run as enterHours } from '../../skills/implementations/office/enter_hours.ts';
import { run as trackParcel } from '../../skills/implementations/office/track_parcel.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const CARRIER = 'connectors/carrier.yaml';

let root: string;
let service: ChildProcess;
let host: ConnectorHost;

beforeAll(async () => {
  root = tempFolder();
  for (const folder of ['metadata', 'implementations', 'compositions', 'connectors', 'tests'])
    cpSync(packageFile(`skills/${folder}`), join(root, folder), { recursive: true });
  service = spawn(process.execPath, [packageFile('skills/services/carrier.mjs'), '0']);
  const [said] = (await once(service.stdout as NonNullable<typeof service.stdout>, 'data')) as [Buffer];
  const [url = ''] = /http:\S+/.exec(said.toString()) ?? [];
  const definition = readFileSync(join(root, CARRIER), 'utf8');
  writeFileSync(join(root, CARRIER), definition.replace('http://127.0.0.1:8655/v1', url));
  const guard = openCallGuard(parseConfig({}), Date.now);
  host = openConnectors({ root, resolveSecret: async (_, text) => text, guard });
});

afterAll(async () => {
  await host.close();
  const ended = once(service, 'exit');
  service.kill();
  await ended;
});

function call(connector: string, operation: string, args: JsonObject): Promise<JsonValue> {
  const { signal } = new AbortController();
  const caller = { declared: [connector], isReadOnly: false, signal, onReport: () => undefined };
  return host.call({ connector, operation, args }, caller);
}

const carrier = {
  request: (options: object) => call('carrier', 'request', options as JsonObject),
} as unknown as HttpConnector;
const timesheet = {
  query: (sql: string, params: readonly JsonValue[] = []) => call('timesheet', 'query', { sql, params }),
} as unknown as SqlConnector;

describe('office/track_parcel', () => {
  const track = (request: object) => trackParcel(request, { connectors: { carrier } });

  test.each([
    [{ query: 'where is px-2041?' }, { number: 'PX-2041', status: 'in transit', place: 'Leipzig' }],
    [{ number: 'PX-2043' }, { number: 'PX-2043', status: 'delivered', place: 'Vienna' }],
  ])('asks the service for %j', async (request, parcel) => {
    expect(await track(request)).toMatchObject(parcel);
  });

  test.each([
    [{ number: 'PX-9999' }, 'The carrier knows no parcel "PX-9999"'],
    [{ query: 'where is my parcel' }, 'Expected the number of a parcel, such as PX-2041'],
  ])('refuses %j for good', async (request, message) => {
    await expect(track(request)).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('office/enter_hours', () => {
  const enter = (idempotencyKey: string, request: object) =>
    enterHours(request, { idempotencyKey, connectors: { timesheet } });

  test('adds an entry, sums up its project, and adds nothing when a step is repeated', async () => {
    await enter('other', { project: 'Hermes', minutes: 5 });
    const entered = { project: 'Apollo', minutes: 90, total_minutes: 90, entries: 1 };
    expect(await enter('1', { query: '1.5 hours for apollo' })).toEqual(entered);
    expect(await enter('1', { query: '1.5 hours for apollo' })).toEqual(entered);
    expect(await enter('2', { query: 'Внеси 45 минут, Apollo' })).toMatchObject({ total_minutes: 135 });
    expect(await enter('3', { query: '2 Stunden für Apollo' })).toMatchObject({
      total_minutes: 255,
      entries: 3,
    });
  });

  test.each([
    ['3 hours', 'Expected a project, one of Apollo, Hermes, Minerva'],
    ['Apollo, 3 apples', 'Expected a time, such as "2 hours"'],
    ['25 hours for Apollo', 'Expected between 1 minute and 24 hours'],
  ])('refuses %j for good', async (query, message) => {
    await expect(enter('4', { query })).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringContaining(message) as string,
    });
  });
});

test.each(['office/track_parcel', 'office/enter_hours'])(
  'the tests of %s pass, without its service',
  async (id) => {
    const { code, stdout, stderr } = await runCli(['test', id, '--root', root]);
    expect([code, stdout + stderr]).toEqual([0, expect.stringMatching(/\bok +example /)]);
  },
);

test('nothing is wrong with the sample root, its connectors included', async () => {
  const { stdout } = await runCli(['validate', '--root', root]);
  expect(stdout).toBe('validation_ok\n');
});
