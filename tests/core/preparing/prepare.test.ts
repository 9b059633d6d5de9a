import { parseApprovalFile } from '../../../core/approvals/approval-file.ts';
import type { SkillEntry } from '../../../core/skills/catalog.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { stepsOf } from '../../../core/plans/plan.ts';
import type { RequestedStep, Plan } from '../../../core/plans/plan.ts';
import { prepare } from '../../../core/preparing/prepare.ts';
import type { Snapshot } from '../../../core/preparing/prepare.ts';
import type { Prepared, RunRequest } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed, aPolicySnapshot, aRequest, aSkill } from '../../support/builders.ts';

const CITY_INPUTS = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
const QUERY_INPUTS = { type: 'object', properties: { query: { type: 'string' } } };

const FLIGHTS = aSkill('travel/search_flights', { side_effects: 'read', timeout: '5s' });
const HOTELS = aSkill('travel/search_hotels', { name: 'Search hotels', inputs: CITY_INPUTS });
const WORDS = aSkill('text/summarize', { inputs: QUERY_INPUTS, retry: { max_attempts: 5 } });

const asked = (id: string, payload?: JsonValue): Plan<RequestedStep> => ({
  kind: 'step',
  step: { skill: parseSkillId(id), ...(payload === undefined ? {} : { payload: { value: payload } }) },
});

/** Only as much of JSON Schema as these tests need: `required` of an object. */
function checkValue(schema: JsonValue, value: JsonValue) {
  const required = ((schema as JsonObject)['required'] ?? []) as readonly string[];
  if (typeof value !== 'object' || value === null) return [{ path: '', message: 'expected an object' }];
  return required
    .filter((name) => !(name in value))
    .map((name) => ({ path: `/${name}`, message: 'expected to be there' }));
}

function aSnapshot(entries: readonly SkillEntry[] = [FLIGHTS, HOTELS, WORDS]): Snapshot {
  return {
    entries: new Map(entries.map((entry) => [entry.id, entry])),
    hashes: new Map(entries.map(({ id }) => [id, `hash of ${id}`])),
    parallelLimit: 4,
    signals: true,
    ...aPolicySnapshot(),
    checkValue,
  };
}

function prepared(
  request: Partial<RunRequest>,
  payload: JsonValue = 'Sochi',
  snapshot = aSnapshot(),
): Extract<Prepared, { status: 'ready' }> {
  const result = prepare(aRequest({ payload: { value: payload }, ...request }), payload, snapshot);
  if (result.status !== 'ready') throw new Error(`Expected a plan, got ${JSON.stringify(result)}`);
  return result;
}

describe('prepare', () => {
  test('freezes the variant of a skill, which changes the digest', () => {
    const plain = prepared({});
    const ofVariant = prepared({}, 'Sochi', aSnapshot([{ ...FLIGHTS, variant: 'v2' }]));
    expect(stepsOf(ofVariant.plan)).toEqual([{ ...stepsOf(plain.plan)[0], variant: 'v2' }]);
    expect(ofVariant.digest).not.toBe(plain.digest);
  });

  test('freezes the connectors and secrets that a skill declares', () => {
    const skill = aSkill(FLIGHTS.id, { connectors: ['weather'], secrets: ['API_KEY'] });
    expect(stepsOf(prepared({}, 'Sochi', aSnapshot([skill])).plan)).toMatchObject([
      { connectors: ['weather'], secrets: ['API_KEY'] },
    ]);
  });

  test('freezes code, terms and input form', () => {
    expect(prepared({})).toEqual({
      status: 'ready',
      plan: {
        kind: 'step',
        step: {
          number: 1,
          skill: 'travel/search_flights',
          name: 'Search flights',
          hash: 'hash of travel/search_flights',
          accepts: 'text',
          timeoutMs: 5000,
          retry: { maxAttempts: 3, initialMs: 1000, backoff: 2, maxIntervalMs: 60_000, nonRetryable: [] },
          repeatable: true,
          sideEffects: 'read',
        },
      },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      payload: { value: 'Sochi' },
      parallelLimit: 4,
      warnings: [],
      signals: true,
    });
  });

  test('adds defaults before it checks the payload, and freezes them', () => {
    const inputs = { ...CITY_INPUTS, properties: { city: { default: 'Kazan' } } };
    const { plan } = prepared({ plan: asked('a/b') }, {}, aSnapshot([aSkill('a/b', { inputs })]));
    expect(stepsOf(plan)).toMatchObject([{ accepts: 'json', defaults: { city: 'Kazan' } }]);
  });

  test('numbers the steps in the order of the plan', () => {
    const plan: Plan<RequestedStep> = {
      kind: 'sequence',
      plans: [
        asked('travel/search_flights'),
        {
          kind: 'parallel',
          plans: [asked('text/summarize'), asked('travel/search_hotels', { city: 'Sochi' })],
        },
        asked('travel/search_flights'),
      ],
    };
    expect(stepsOf(prepared({ plan }).plan)).toMatchObject([
      { number: 1, skill: 'travel/search_flights' },
      { number: 2, skill: 'text/summarize', accepts: 'query' },
      { number: 3, skill: 'travel/search_hotels', accepts: 'json', payload: { value: { city: 'Sochi' } } },
      { number: 4, skill: 'travel/search_flights' },
    ]);
  });

  test.each([
    ['text/summarize', undefined, 5],
    ['text/summarize', 0, 1],
    ['text/summarize', 2, 3],
    ['travel/search_flights', undefined, 3],
    ['travel/search_flights', 7, 8],
  ])('gives %s with --max-retries %s that many attempts: %i', (id, maxRetries, expected) => {
    const request = { plan: asked(id), ...(maxRetries === undefined ? {} : { maxRetries }) };
    expect(stepsOf(prepared(request).plan)[0]?.retry.maxAttempts).toBe(expected);
  });

  describe('compositions', () => {
    const trip = aComposed('travel/trip', {
      steps: [['travel/search_flights', 'text/summarize'], 'c/inner'],
    });
    const inner = aComposed('c/inner', { steps: ['travel/search_flights'] });
    const entries = [FLIGHTS, HOTELS, WORDS, trip, inner];

    test('become one plan of numbered steps', () => {
      const { plan } = prepared({ plan: asked('travel/trip') }, 'Sochi', aSnapshot(entries));
      expect(plan.kind).toBe('sequence');
      expect(stepsOf(plan).map(({ number, skill, hash }) => [number, skill, hash])).toEqual([
        [1, 'travel/search_flights', 'hash of travel/search_flights'],
        [2, 'text/summarize', 'hash of text/summarize'],
        [3, 'travel/search_flights', 'hash of travel/search_flights'],
      ]);
    });

    test.each([
      ['their own', ['c/inner:run']],
      ['those of their skills', ['summarize:run']],
      ['all of them', ['c/inner:run', 'summarize:run'], true],
    ])('need the permissions of %s', (_, granted, isReady = false) => {
      const own = aComposed('c/inner', { steps: ['text/summarize'] }, { permissions: ['c/inner:run'] });
      const words = aSkill('text/summarize', { permissions: ['summarize:run'] });
      const permissionFile = parsePermissionFile(
        JSON.stringify({ roles: { operator: granted }, policies: [] }),
      );
      const snapshot = { ...aSnapshot([words, own]), permissionFile };
      const result = prepare(aRequest({ plan: asked('c/inner') }), 'x', snapshot);
      expect(result.status).toBe(isReady ? 'ready' : 'blocked');
    });

    test('warn of themselves and of their skills', () => {
      const old = { deprecated: true, deprecation_reason: 'no use' };
      const snapshot = aSnapshot([aSkill('s/a', old), aComposed('c/one', { steps: ['s/a'] }, old)]);
      const { warnings } = prepared({ plan: asked('c/one') }, 'x', snapshot);
      expect(warnings.map(({ skill }) => skill)).toEqual(['c/one', 's/a']);
    });

    test('are counted by their steps for a fork', () => {
      const origin = { runId: 'x', from: 4, outputs: [] };
      const request = aRequest({ plan: asked('travel/trip'), origin });
      expect(prepare(request, 'Sochi', aSnapshot(entries))).toMatchObject({
        failure: { code: 'unknown_step', message: 'Unknown step 4: the plan has steps 1 to 3' },
      });
    });
  });

  test('answers with the refusal instead of throwing', () => {
    expect(prepare(aRequest({ plan: asked('no/such') }), 'x', aSnapshot())).toEqual({
      status: 'error',
      failure: { code: 'unknown_skill', message: 'Unknown skill "no/such"' },
    });
  });

  test('binds a run to the plan that its caller has seen', () => {
    const { digest } = prepared({});
    expect(prepared({ expectedDigest: digest })).toHaveProperty('digest', digest);
    expect(prepared({ noRollback: false })).toHaveProperty('digest', digest);
    expect(prepared({ noRollback: true })).not.toHaveProperty('digest', digest);
    expect(prepare(aRequest({ expectedDigest: 'other' }), 'Sochi', aSnapshot())).toMatchObject({
      status: 'error',
      failure: { code: 'plan_changed' },
    });
  });

  test('freezes the rollback skill with its step', () => {
    const book = aSkill('travel/book', { rollback: 'travel/cancel', cost: 0.5 });
    const cancel = aSkill('travel/cancel', { name: 'Cancel' });
    const { plan } = prepared({ plan: asked('travel/book') }, 'Sochi', aSnapshot([book, cancel]));
    expect(stepsOf(plan)[0]).toMatchObject({
      cost: 5000,
      rollback: { skill: 'travel/cancel', name: 'Cancel' },
    });
  });

  test('returns the required approval', () => {
    const clean = aSkill('admin/clean', { side_effects: 'destructive' });
    expect(prepared({ plan: asked('admin/clean') }, 'all', aSnapshot([clean])).approval).toMatchObject({
      policy: 'destructive',
    });
  });

  test('looks for risk in the payloads of single steps, too', () => {
    expect(prepared({ plan: asked('travel/search_flights', 'delete them all') }).approval).toMatchObject({
      policy: 'high_risk',
    });
  });

  test('answers with the verdict of the policies', () => {
    const permissionFile = { status: 'invalid', message: 'policies/x.json: is not JSON' } as const;
    expect(prepare(aRequest(), 'x', { ...aSnapshot(), permissionFile })).toEqual({
      status: 'blocked',
      reason: 'policy_invalid',
      policy: 'policies/permission_policies.json',
      message: 'policies/x.json: is not JSON',
    });
  });

  describe('warns of deprecated skills', () => {
    const snapshotWith = (fields: Readonly<Record<string, unknown>>) =>
      aSnapshot([aSkill('travel/search_flights', { deprecated: true, ...fields })]);

    test.each([
      [{ replacement_id: 'travel/air' }, 'use travel/air'],
      [{ deprecation_reason: 'Too slow', replacement_id: 'travel/air' }, 'use travel/air'],
      [{ deprecation_reason: 'Too slow' }, 'Too slow'],
    ])('with %j', (fields, instead) => {
      expect(prepared({}, 'Sochi', snapshotWith(fields)).warnings).toEqual([
        {
          code: 'deprecated_skill',
          skill: 'travel/search_flights',
          message: `Skill travel/search_flights is deprecated; ${instead}`,
        },
      ]);
    });

    test('once, however often the plan names one', () => {
      const step = asked('travel/search_flights');
      const plan: Plan<RequestedStep> = { kind: 'sequence', plans: [step, step] };
      expect(prepared({ plan }, 'x', snapshotWith({ deprecation_reason: 'Old' })).warnings).toHaveLength(1);
    });
  });

  describe('policies before a step', () => {
    const approvalFile = parseApprovalFile(
      JSON.stringify([{ skill_id: '*/s*', policy_id: 'large', when: { '/amount': { gt: 1000 } } }]),
    );
    const gating: Snapshot = { ...aSnapshot(), approvalFile };
    const two = {
      kind: 'sequence',
      plans: [asked('travel/search_flights'), asked('text/summarize')],
    } as const;

    test('are evaluated at the step if its input is not known before the run', () => {
      const { gated, approval } = prepared({ plan: two }, { amount: 5 }, gating);
      expect([gated, approval]).toEqual([[2], undefined]);
      expect(prepared({ plan: two }, { amount: 5 })).not.toHaveProperty('gated');
    });

    test('park the run before it begins if the request contains the input', () => {
      expect(prepared({ plan: two }, { amount: 5000 }, gating).approval).toMatchObject({ policy: 'large' });
      const own = {
        kind: 'sequence',
        plans: [two.plans[0], asked('text/summarize', { amount: 5000 })],
      } as const;
      const { gated, approval } = prepared({ plan: own }, { amount: 5 }, gating);
      expect([gated, approval?.policy]).toEqual([undefined, 'large']);
    });

    test('are not evaluated for steps before the first of a fork', () => {
      const outputs = [{ step: 1, output: { value: 1 } }];
      const origin = { runId: 'r', from: 2, outputs };
      const { gated, approval } = prepared({ plan: two, origin }, { amount: 5000 }, gating);
      expect([gated, approval]).toEqual([[2], undefined]);
    });

    test('are evaluated at the step for a large input of its own', () => {
      const ref = { ref: 'a'.repeat(64), bytes: 20_000 };
      const large = { kind: 'step', step: { skill: WORDS.id, payload: ref } } as const;
      const plan = { kind: 'sequence', plans: [two.plans[0], large] } as const;
      expect(prepared({ plan }, { amount: 5 }, gating).gated).toEqual([2]);
    });

    test('look at the input of a composition', () => {
      const composed = aComposed('travel/some');
      const snapshot = { ...gating, entries: new Map([...gating.entries, [composed.id, composed] as const]) };
      expect(prepared({ plan: asked('travel/some') }, { amount: 5 }, snapshot).approval).toBeUndefined();
      expect(prepared({ plan: asked('travel/some') }, { amount: 5000 }, snapshot).approval).toMatchObject({
        policy: 'large',
      });
    });
  });

  describe('digests', () => {
    const digest = prepared({}).digest;
    const changed = (fields: Readonly<Record<string, unknown>>) =>
      aSnapshot([aSkill('travel/search_flights', fields)]);
    const read = { side_effects: 'read', timeout: '5s' };

    test.each<[string, () => Prepared]>([
      ['another time', () => prepared({ askedAt: '2030-01-01T00:00:00.000Z' })],
      ['another caller', () => prepared({ principal: { subject: 'bob', roles: [], via: 'local' } })],
      ['another description', () => prepared({}, 'Sochi', changed({ ...read, description: 'Else' }))],
      ['another parallel limit', () => prepared({}, 'Sochi', { ...aSnapshot(), parallelLimit: 9 })],
    ])('the same for %s', (_what, again) => {
      expect(again()).toHaveProperty('digest', digest);
    });

    test.each<[string, () => Prepared]>([
      ['another payload', () => prepared({}, 'Kazan')],
      [
        'outputs that a fork begins with',
        () => prepared({ origin: { runId: 'r', from: 1, outputs: [{ step: 1, output: { value: 1 } }] } }),
      ],
      ['other code', () => prepared({}, 'Sochi', { ...aSnapshot(), hashes: new Map([[FLIGHTS.id, 'h2']]) })],
      ['another timeout', () => prepared({}, 'Sochi', changed({ ...read, timeout: '6s' }))],
      ['other side effects', () => prepared({}, 'Sochi', changed({ ...read, side_effects: 'write' }))],
      ['other retries', () => prepared({ maxRetries: 1 })],
      ['another skill', () => prepared({ plan: asked('text/summarize') })],
      [
        'another shape',
        () => prepared({ plan: { kind: 'sequence', plans: [asked('travel/search_flights')] } }),
      ],
      ['a payload of its own', () => prepared({ plan: asked('travel/search_flights', 'Kazan') })],
    ])('another for %s', (_what, again) => {
      expect(again()).not.toHaveProperty('digest', digest);
    });

    test('does not depend on the order of keys', () => {
      expect(prepared({}, { a: 1, b: 2 }).digest).toBe(prepared({}, { b: 2, a: 1 }).digest);
    });
  });
});
