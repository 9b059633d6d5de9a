import {
  admit,
  afterOutcome,
  circuitStatus,
  isForgotten,
  isSkillFailure,
  withoutProbes,
} from '../../../core/limits/circuit.ts';
import type { Circuit, CircuitSettings, StepOutcome } from '../../../core/limits/circuit.ts';
import { ERROR_CODES } from '../../../core/errors/error-codes.ts';

const SETTINGS: CircuitSettings = {
  circuitFailureThreshold: 3,
  circuitWindowSeconds: 100,
  circuitOpenSeconds: 10,
  circuitHalfOpenMax: 2,
};
const OPEN: Circuit = { failures: 3, lastFailureAt: 0, openedAt: 0 };

/** The circuit after these outcomes, each at its time in milliseconds. */
function after(
  start: Circuit | undefined,
  ...outcomes: readonly [StepOutcome, number][]
): Circuit | undefined {
  return outcomes.reduce<Circuit | undefined>(
    (circuit, [outcome, now]) => afterOutcome(circuit, outcome, { now, settings: SETTINGS }),
    start,
  );
}

describe('afterOutcome', () => {
  test('remembers nothing of a skill that succeeds', () => {
    expect(after(undefined, ['success', 1])).toBeUndefined();
    expect(after(undefined, ['failure', 1], ['failure', 2], ['success', 3])).toBeUndefined();
  });

  test('opens at the threshold and not before', () => {
    const two = after(undefined, ['failure', 1], ['failure', 2]);
    expect(two).toEqual({ failures: 2, lastFailureAt: 2 });
    expect(after(two, ['failure', 3])).toEqual({ failures: 3, lastFailureAt: 3, openedAt: 3 });
  });

  test('restarts the count when the last failure is older than the window', () => {
    const two = after(undefined, ['failure', 1], ['failure', 2]);
    expect(after(two, ['failure', 100_002])).toMatchObject({ failures: 3 });
    expect(after(two, ['failure', 100_003])).toEqual({ failures: 1, lastFailureAt: 100_003 });
  });

  test('learns nothing while it is open, from runs that began before', () => {
    expect(after(OPEN, ['success', 9999])).toBe(OPEN);
    expect(after(OPEN, ['failure', 9999])).toBe(OPEN);
  });

  test('closes or reopens by the outcome of a probe', () => {
    expect(after(OPEN, ['success', 10_000])).toBeUndefined();
    expect(after({ ...OPEN, probes: { a: 10_000 } }, ['failure', 10_001])).toEqual({
      failures: 4,
      lastFailureAt: 10_001,
      openedAt: 10_001,
    });
  });
});

describe('admit', () => {
  const at = (circuit: Circuit | undefined, key: string, now: number) =>
    admit(circuit, { key, now }, SETTINGS);

  test.each([undefined, { failures: 2, lastFailureAt: 0 }])(
    'lets everything through while closed: %j',
    (circuit) => {
      expect(at(circuit, 'a', 1)).toEqual({ kind: 'allow', circuit });
    },
  );

  test('refuses while open, with the retry time', () => {
    expect(at(OPEN, 'a', 9999)).toEqual({ kind: 'deny', status: 'open', retryAt: 10_000 });
  });

  test('lets as many probes through as are allowed at once, each until it expires', () => {
    const one = at(OPEN, 'a', 10_000);
    expect(one).toEqual({ kind: 'allow', circuit: { ...OPEN, probes: { a: 10_000 } } });
    const two = at({ ...OPEN, probes: { a: 10_000 } }, 'b', 12_000);
    const probes = { a: 10_000, b: 12_000 };
    expect(two).toEqual({ kind: 'allow', circuit: { ...OPEN, probes } });
    expect(at({ ...OPEN, probes }, 'c', 19_999)).toEqual({
      kind: 'deny',
      status: 'half_open',
      retryAt: 20_000,
    });
    expect(at({ ...OPEN, probes }, 'c', 20_000)).toEqual({
      kind: 'allow',
      circuit: { ...OPEN, probes: { b: 12_000, c: 20_000 } },
    });
  });
});

describe('circuitStatus', () => {
  test.each([
    [{ failures: 1, lastFailureAt: 0 }, 5, 'closed'],
    [OPEN, 9999, 'open'],
    [OPEN, 10_000, 'half_open'],
  ] as const)('of %j at %d is %s', (circuit, now, status) => {
    expect(circuitStatus(circuit, now, SETTINGS)).toBe(status);
  });
});

describe('withoutProbes', () => {
  test('drops the probes of some runs', () => {
    const circuit = { ...OPEN, probes: { a: 1, b: 2 } };
    expect(withoutProbes(circuit, ['a', 'x'])).toEqual({ ...OPEN, probes: { b: 2 } });
    expect(withoutProbes(circuit, ['a', 'b'])).toEqual(OPEN);
    expect(withoutProbes(circuit, ['x'])).toBe(circuit);
    expect(withoutProbes(OPEN, ['a'])).toBe(OPEN);
  });
});

describe('isForgotten', () => {
  test.each([
    [{ failures: 1, lastFailureAt: 0 }, 100_000, false],
    [{ failures: 1, lastFailureAt: 0 }, 100_001, true],
    [OPEN, 100_001, false],
  ])('of %j at %d is %s', (circuit, now, expected) => {
    expect(isForgotten(circuit, now, SETTINGS)).toBe(expected);
  });
});

describe('isSkillFailure', () => {
  test('counts failures of the skill, and no others', () => {
    const codes = Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[];
    expect(codes.filter(isSkillFailure).sort()).toEqual([
      'skill_crashed',
      'skill_failed',
      'skill_out_of_memory',
      'skill_output_invalid',
      'skill_output_too_large',
      'skill_timeout',
    ]);
  });
});
