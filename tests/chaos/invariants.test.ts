/** Each invariant of chaos is broken once, so that a violation is seen when there is one. */
import { aRecord } from '../support/builders.ts';
import { findingsOf } from './invariants.ts';
import type { Evidence } from './invariants.ts';

const RUN = 'chaos.careful-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const FIRED = 'red.ticks-2026-11-29T20:00:00Z';
const CLAIM = { key: 'k', tier: 'standard', stepCost: 10 } as const;
const ended = (id: string) =>
  aRecord({ id, tenant: 'red', status: 'success', succeeded: [1], cost: 10, claim: CLAIM });

const WHOLE: Evidence = {
  orders: [{ id: 'order-single-0', kind: 'single', tenant: 'red', runId: RUN }],
  refusals: [],
  records: [ended(RUN), ended(FIRED)],
  workflows: new Map([
    [RUN, 'COMPLETED'],
    [FIRED, 'COMPLETED'],
  ]),
  effects: [RUN, FIRED].map((run) => ({ order: 'order-single-0', run, step: 1 })),
  limits: new Map([['red', { spent: { '2026-11-29': 20, '2026-11': 20 }, reservations: {}, circuits: {} }]]),
  dailyLimit: 20,
  firings: [FIRED],
  allowed: [RUN, FIRED],
  auditFaults: [],
  orphans: [],
};

const violationsOf = (more: Partial<Evidence>) =>
  findingsOf({ ...WHOLE, ...more }).flatMap(({ violations }) => violations);

test('nothing is found where everything holds', () => {
  expect(violationsOf({})).toEqual([]);
});

const [effect] = WHOLE.effects;
const reservation = { day: '2026-11-29', leaseUntil: 0, tier: 'standard', amount: 1, stepCost: 1 } as const;

test.each<readonly [string, Partial<Evidence>, string]>([
  ['a refusal', { refusals: ['order-single-1: no'] }, 'order-single-1: no'],
  [
    'an order without an answer',
    { orders: [...WHOLE.orders, { id: 'order-job-1', kind: 'job', tenant: 'red' }] },
    'order-job-1 was never acknowledged',
  ],
  [
    'a run without a record',
    { orders: [...WHOLE.orders, { id: 'order-job-1', kind: 'job', tenant: 'red', runId: 'lost' }] },
    'order-job-1 was acknowledged as lost, which has no record',
  ],
  [
    'a wrong end',
    { orders: [{ id: 'order-denied-0', kind: 'denied', tenant: 'red', runId: RUN }] },
    `order-denied-0 (${RUN}) is success, expected blocked approval_denied`,
  ],
  ['a run too many', { orders: [] }, `nobody was told of the run ${RUN} (success)`],
  [
    'a second run of a firing',
    { records: [...WHOLE.records, ended(`${FIRED}-2`)] },
    `nobody was told of the run ${FIRED}-2 (success)`,
  ],
  ['an effect too many', { effects: [...WHOLE.effects, effect as never] }, `${RUN}:1 had its effect 2 times`],
  ['a missing effect', { effects: WHOLE.effects.slice(1) }, `${RUN}:1 succeeded without its effect`],
  [
    'a missing firing',
    { firings: [FIRED, 'red.ticks-2026-11-29T20:00:05Z'] },
    'red.ticks-2026-11-29T20:00:05Z is missing, expected success',
  ],
  [
    'another end in Temporal',
    { workflows: new Map([...WHOLE.workflows, [RUN, 'TERMINATED']]) },
    `${RUN} is success, its workflow TERMINATED`,
  ],
  [
    'a workflow without a record',
    { workflows: new Map([...WHOLE.workflows, ['other', 'COMPLETED']]) },
    'other has a workflow and no record',
  ],
  ['an open workflow', { workflows: new Map([...WHOLE.workflows, ['other', 'RUNNING']]) }, 'other is open'],
  [
    'a charge too few',
    { limits: new Map([['red', { spent: { '2026-11': 10 }, reservations: {}, circuits: {} }]]) },
    'red spent 10, its runs cost 20',
  ],
  ['a day over its limit', { dailyLimit: 19 }, 'red spent 20 on 2026-11-29, more than 19'],
  [
    'a reservation that is left',
    {
      limits: new Map([
        ['red', { spent: { '2026-11': 20 }, reservations: { r: reservation }, circuits: {} }],
      ]),
    },
    'red has a reservation left: r',
  ],
  ['a fault of the audit log', { auditFaults: ['edited'] }, 'edited'],
  ['a silent run', { allowed: [FIRED] }, `${RUN} ran without an audit entry`],
  ['a process that is left', { orphans: ['7: node'] }, '7: node'],
])('%s is found', (_what, more, expected) => {
  expect(violationsOf(more)).toContain(expected);
});
