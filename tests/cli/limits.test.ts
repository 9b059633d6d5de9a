import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openState } from '../../adapters/storage/state.ts';
import { parseConfig } from '../../core/settings/config.ts';
import type { Circuit } from '../../core/limits/circuit.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { deadAddress } from '../support/dead-address.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A root whose tenant `default` spent 12.5 today, holds 1, and has a skill that failed. */
async function aRoot(circuits: Readonly<Record<string, Circuit>> = {}) {
  const root = tempFolder();
  mkdirSync(path.join(root, 'metadata'));
  const today = isoTime(Date.now()).slice(0, 10);
  const reservation = {
    day: today,
    leaseUntil: 0,
    tier: 'standard',
    amount: 10_000,
    stepCost: 10_000,
  } as const;
  const limits: Limits = {
    spent: { [today]: 125_000, [today.slice(0, 7)]: 1_500_000 },
    reservations: { 'run/1': reservation },
    circuits,
  };
  const env = { SKILLOS_ROOT: root, TEMPORAL_ADDRESS: await deadAddress() };
  await openState(parseConfig(env)).records.update<Limits>('limits', 'default', () => limits);
  return { root, env };
}

describe('skillos budget', () => {
  test('shows what is spent, held and left, without a server', async () => {
    const { env } = await aRoot();
    expect(await skillos(['budget'], { env })).toMatchObject({
      code: 0,
      stdout: [
        'PER      LIMIT  SPENT  RESERVED  REMAINING',
        'request  5',
        'day      50     12.5   1         36.5',
        'month    200    150    1         49',
        'tenant: default',
        'model_tier: standard (1 a step)',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('is that of the tenant who asks', async () => {
    const { env } = await aRoot();
    const { stdout } = await skillos(['budget', '--json'], { env: { ...env, SKILLOS_TENANT_ID: 'acme' } });
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.budget/v1',
      tenant: 'acme',
      daily: { limit: 50, spent: 0, reserved: 0, remaining: 50 },
      runs_in_flight: 0,
    });
  });

  test('says that the cheap tier has come', async () => {
    const { env } = await aRoot();
    const { stdout } = await skillos(['budget'], { env: { ...env, SKILLOS_BUDGET_DAILY: '20' } });
    expect(stdout).toContain('model_tier: cheap (0.5 a step)\n');
  });

  test.each(['-1', 'NaN', '1e30', '5.00001'])(
    'refuses an amount of %s and names the variable',
    async (amount) => {
      const { env } = await aRoot();
      const { code, stderr } = await skillos(['budget'], { env: { ...env, SKILLOS_BUDGET_DAILY: amount } });
      expect(code).toBe(78);
      expect(stderr).toContain(
        'Invalid SKILLOS_BUDGET_DAILY: expected a number from 0 to 999999999 with at most 4 decimals',
      );
    },
  );

  test('refuses a state that does not parse, and leaves it', async () => {
    const { root, env } = await aRoot();
    writeFileSync(path.join(root, 'runtime/records/limits/default.json'), '{');
    const { code, stderr } = await skillos(['budget'], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('"limits/default"')]);
  });
});

describe('skillos circuit', () => {
  const at = Date.now();
  const opened = { failures: 5, lastFailureAt: at, openedAt: at };

  test('list shows which skills are refused, and until when', async () => {
    const { env } = await aRoot({ 'travel/search_flights': opened });
    const { stdout } = await skillos(['circuit', 'list'], { env });
    expect(stdout.split('\n')[1]).toBe(
      `travel/search_flights  open    5         ${isoTime(at)}  ${isoTime(at + 300_000)}`,
    );
  });

  test('list says that there are none', async () => {
    const { env } = await aRoot();
    expect((await skillos(['circuit', 'list'], { env })).stdout).toBe('no_circuits\n');
  });

  test('reset lets the runs of a skill through again', async () => {
    const { env } = await aRoot({ 'travel/search_flights': opened });
    const reset = ['circuit', 'reset', 'travel.search_flights'];
    expect(await skillos(reset, { env })).toMatchObject({
      code: 0,
      stdout: 'circuit_reset: travel/search_flights\n',
      stderr: '',
    });
    expect((await skillos(['circuit', 'list'], { env })).stdout).toBe('no_circuits\n');
    expect((await skillos(reset, { env })).stderr).toBe(
      'note: travel/search_flights had no recent failures\n',
    );
  });

  test('reset is refused to who may not operate runs', async () => {
    const { root, env } = await aRoot({ 'travel/search_flights': opened });
    mkdirSync(path.join(root, 'policies'));
    writeFileSync(path.join(root, 'policies/permission_policies.json'), '{"roles": {"boss": ["runs:*"]}}');
    const reset = ['circuit', 'reset', 'travel/search_flights'];
    expect((await skillos(reset, { env })).code).toBe(3);
    expect((await skillos([...reset, '--role', 'boss'], { env })).code).toBe(0);
  });
});
