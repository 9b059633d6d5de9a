/** Runs the promised commands one by one through the built product; each is a test of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveBuilt } from '../support/built-server.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import {
  WEBHOOK_SECRET,
  compositions,
  learning,
  runs,
  scaffolding,
  triggers,
  writeInputs,
} from './requirement.ts';
import type { SmokeCommand, SmokeInput } from './requirement.ts';

export interface SmokeTarget {
  /** A folder of its own. The root is made in it. */
  readonly folder: string;
  /** The whole environment of every command, with the root `folder`/skills. */
  readonly env: () => Readonly<Record<string, string>>;
}

const COMMAND_TIMEOUT_MS = 120_000; // the first that executes starts an engine
const TEST_TIMEOUT_MS = 240_000;
const TOKEN_ENV = { SKILLOS_JWT_SECRET: SECRET };

export const rootOf = (folder: string) => join(folder, 'skills');

/** Registers the tests. They build on each other, so that the first failure explains those after it. */
export function smoke({ folder, env }: SmokeTarget): void {
  const root = rootOf(folder);
  let token = '';
  let signature = '';
  const input = (): SmokeInput => ({
    root,
    folder,
    token,
    signature: () => signature,
    tokenEnv: TOKEN_ENV,
  });

  const perform = async ({ argv, code = 0, out, env: more = {} }: SmokeCommand) => {
    const ended = await skillos(argv, { env: { ...env(), ...more }, timeoutMs: COMMAND_TIMEOUT_MS });
    const shown = { code: ended.code, stdout: ended.stdout, stderr: ended.stderr };
    expect(shown).toMatchObject({ code, stdout: expect.stringMatching(out) as string });
    return ended.stdout;
  };
  const each = (what: string, commands: (input: SmokeInput) => readonly SmokeCommand[]) =>
    test(
      what,
      async () => {
        for (const command of commands(input())) await perform(command);
      },
      TEST_TIMEOUT_MS,
    );

  beforeAll(async () => {
    token = await signToken({ roles: ['admin'] });
  });

  each('makes a root, skills and a connector', scaffolding);
  each('routes, runs, approves, plans', runs);
  each('composes, tests, activates, deprecates', compositions);

  test('signs a webhook', async () => {
    mkdirSync(join(root, 'triggers'), { recursive: true });
    writeInputs(input());
    const argv = ['webhook', 'sign', '--id', 'sample-hook', '--path', join(folder, 'payload.json')];
    const out = /X-SkillOS-Signature: t=\d+,v1=[0-9a-f]+/;
    const printed = await perform({ argv, out, env: { SKILLOS_WEBHOOK_SECRET: WEBHOOK_SECRET } });
    signature = /t=\d+,v1=[0-9a-f]+/.exec(printed)?.[0] ?? '';
  });

  each('fires a schedule, a job and a webhook', triggers);
  each('learns, and installs a package', learning);

  test('answers over HTTP, to callers with a token alone', async () => {
    const server = await serveBuilt({ ...env(), ...TOKEN_ENV });
    try {
      const headers = { authorization: `Bearer ${token}` };
      const skill = '/skills/travel.search_flights';
      const replacing = { reason: 'use travel/search_hotels', replacement_id: 'travel/search_hotels' };
      const routed = { query: 'Find flights to Sochi', execute: false };
      expect(await server.get('/health')).toMatchObject({ status: 200 });
      expect(await server.post('/run', routed)).toMatchObject({ status: 401 });
      expect(await server.post('/run', routed, headers)).toMatchObject({
        status: 200,
        body: { status: 'routed', skill: 'travel/search_flights' },
      });
      const validated = await server.post('/validate', { check_entrypoints: true }, headers);
      expect(validated).toMatchObject({ status: 200 });
      for (const [path, body] of [['deprecate', replacing] as const, ['undeprecate', {}] as const])
        expect(await server.post(`${skill}/${path}`, body, headers)).toMatchObject({ status: 200 });
    } finally {
      await server.close();
    }
  });
}
