import type { ConnectorSpec } from '../../../core/connectors/connector.ts';
import type { FrozenStep, Plan } from '../../../core/plans/plan.ts';
import { factsOf, previewDocument } from '../../../core/preparing/preview.ts';
import type { Preview } from '../../../core/preparing/preview.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aPolicySnapshot, aReady, aRequest, aSkill, aStep } from '../../support/builders.ts';

const FLIGHTS = aSkill('travel/search_flights', {
  secrets: ['API_KEY'],
  connectors: ['air', 'books', 'gone'],
});
const CONNECTORS = new Map<string, ConnectorSpec>([
  [
    'air',
    {
      type: 'http',
      id: 'air',
      baseUrl: 'https://api.example.com/v1',
      headers: {},
      auth: { type: 'bearer', token: 'secret:AIR_TOKEN' },
      timeoutMs: 1000,
      allowPrivate: false,
      followRedirects: 0,
    },
  ],
  ['books', { type: 'sql', id: 'books', driver: 'sqlite', databasePath: 'books.db', timeoutMs: 1000 }],
]);
const step = (number: number, more: Partial<FrozenStep> = {}): Plan<FrozenStep> => ({
  kind: 'step',
  step: aStep({ number, ...more }),
});

function aPreview(ready: Partial<Preview['prepared']> = {}, more: Partial<Preview> = {}): Preview {
  return {
    prepared: aReady(ready),
    payload: 'Sochi',
    snapshot: {
      ...aPolicySnapshot(),
      entries: new Map([[FLIGHTS.id, FLIGHTS]]),
      hashes: new Map([[FLIGHTS.id, 'h1']]),
      checkValue: () => [],
      parallelLimit: 4,
      signals: true,
    },
    tier: 'standard',
    stepCost: 10_000,
    connectors: CONNECTORS,
    ...more,
  };
}

describe('previewDocument', () => {
  test('describes a plan of one skill', () => {
    const rollback = { ...aStep({ skill: parseSkillId('travel/cancel') }) };
    const plan = step(1, { sideEffects: 'write', rollback });
    expect(previewDocument(aPreview({ plan }), aRequest())).toEqual({
      schema: 'skillos.run/v1',
      status: 'dry_run',
      skill: 'travel/search_flights',
      plan_digest: 'd1',
      preview: { plan_id: 'd1', affected_entities: ['travel/search_flights'] },
      steps: [
        {
          id: 1,
          skill: 'travel/search_flights',
          name: 'Search flights',
          hash: 'h1',
          status: 'planned',
          side_effects: 'write',
          secrets: ['API_KEY'],
          connectors: [
            { id: 'air', type: 'http', host: 'api.example.com', secrets: ['AIR_TOKEN'] },
            { id: 'books', type: 'sql', host: 'sqlite' },
            { id: 'gone' },
          ],
          rollback: 'travel/cancel',
          input: 'Sochi',
          cost: 1,
        },
      ],
      cost: 1,
      tier: 'standard',
    });
  });

  test('shows the source of each input', () => {
    const plan: Plan<FrozenStep> = {
      kind: 'sequence',
      plans: [
        { kind: 'parallel', plans: [step(1), step(2, { payload: { value: 'Kazan' } })] },
        step(3, { cost: 2500 }),
        { kind: 'sequence', plans: [step(4, { payload: { ref: 'x', bytes: 1 } }), step(5)] },
      ],
    };
    const { steps, skill, cost } = previewDocument(aPreview({ plan }), aRequest());
    expect(steps.map(({ input, input_from: from }) => input ?? from)).toEqual([
      'Sochi',
      'Kazan',
      [1, 2],
      undefined,
      [4],
    ]);
    expect({ skill, cost }).toEqual({ skill: 'pipeline', cost: 4.25 });
  });

  test('shows inputs with the defaults that the skill receives', () => {
    const defaults = { nights: 1 };
    const plan: Plan<FrozenStep> = {
      kind: 'parallel',
      plans: [
        step(1, { accepts: 'query', defaults }),
        step(2, { accepts: 'json', defaults, payload: { value: { nights: 2 } } }),
      ],
    };
    const { steps } = previewDocument(aPreview({ plan }), aRequest());
    expect(steps.map(({ input }) => input)).toEqual([{ query: 'Sochi', nights: 1 }, { nights: 2 }]);
  });

  test('counts only the steps that a fork runs', () => {
    const plan: Plan<FrozenStep> = { kind: 'sequence', plans: [step(1), step(2)] };
    const origin = { runId: 'r', from: 2, outputs: [] };
    const { steps, cost } = previewDocument(aPreview({ plan }), aRequest({ origin }));
    expect([...steps.map((each) => each.cost), cost]).toEqual([0, 1, 1]);
  });

  test('shows approvers and deprecations', () => {
    const approval = {
      policy: 'destructive',
      reasons: ['why'],
      approvers: ['role:boss'],
      nOf: 2,
      allowSelf: false,
      timeoutMs: 1,
      proof: true,
      signals: false,
    };
    const warnings = [{ code: 'deprecated_skill', skill: FLIGHTS.id, message: 'old' }] as const;
    expect(previewDocument(aPreview({ approval, warnings }), aRequest())).toMatchObject({
      approval: {
        policy: 'destructive',
        reasons: ['why'],
        approvers: [['role:boss']],
        needed: 2,
        token_required: true,
      },
      warnings: ['old'],
    });
  });

  test('does with a step whose manifest is not at hand', () => {
    const plan = step(1, { skill: parseSkillId('a/b') });
    expect(previewDocument(aPreview({ plan }), aRequest()).steps[0]).not.toHaveProperty('secrets');
  });

  test('names the variant of a step', () => {
    const { steps } = previewDocument(aPreview({ plan: step(1, { variant: 'v2' }) }), aRequest());
    expect(steps).toMatchObject([{ variant: 'v2' }]);
  });
});

describe('factsOf', () => {
  const facts = factsOf(aPreview(), { query: 'Find', policy: 'p' });

  test('has a query hash only with a query', () => {
    expect(facts).toHaveProperty('query');
    expect(factsOf(aPreview(), { policy: 'p' })).not.toHaveProperty('query');
  });

  test.each<[keyof typeof facts, Preview]>([
    ['input', aPreview({}, { payload: 'Kazan' })],
    ['code', aPreview({}, { snapshot: { ...aPreview().snapshot, hashes: new Map([[FLIGHTS.id, 'h2']]) } })],
    [
      'manifest',
      aPreview(
        {},
        {
          snapshot: {
            ...aPreview().snapshot,
            entries: new Map([[FLIGHTS.id, aSkill('travel/search_flights')]]),
          },
        },
      ),
    ],
  ])('tells a change of the %s', (part, preview) => {
    expect(factsOf(preview, { query: 'Find', policy: 'p' })[part]).not.toEqual(facts[part]);
  });
});
