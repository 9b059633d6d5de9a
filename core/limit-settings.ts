/** Settings of what bounds runs: budgets, the cost of models and circuit breakers. Amounts are read as 1/10,000. */
import * as z from 'zod';
import { AMOUNT_RULE, parseAmount } from './amount.ts';
import { integer, setting } from './setting.ts';

const amount = z.string().transform((given, ctx) => {
  const parsed = parseAmount(given);
  if (parsed !== undefined) return parsed;
  ctx.addIssue({ code: 'custom', message: AMOUNT_RULE });
  return z.NEVER;
});

const SECONDS = 'a whole number of seconds from 1 to 86400';

export const LIMIT_SETTINGS = {
  budgetPerRequest: setting({
    variable: 'SKILLOS_BUDGET_PER_REQUEST',
    schema: amount,
    fallback: '5',
    expected: AMOUNT_RULE,
    meaning: 'What one run may cost, all its steps together.',
    inWorker: true,
  }),
  budgetDaily: setting({
    variable: 'SKILLOS_BUDGET_DAILY',
    schema: amount,
    fallback: '50',
    expected: AMOUNT_RULE,
    meaning: 'What the runs of a tenant may cost a day (UTC).',
    inWorker: true,
  }),
  budgetMonthly: setting({
    variable: 'SKILLOS_BUDGET_MONTHLY',
    schema: amount,
    fallback: '200',
    expected: AMOUNT_RULE,
    meaning: 'What the runs of a tenant may cost a month (UTC).',
    inWorker: true,
  }),
  budgetLowRemaining: setting({
    variable: 'SKILLOS_BUDGET_LOW_REMAINING',
    schema: amount,
    fallback: '10',
    expected: AMOUNT_RULE,
    meaning:
      'When no more than this remains of the day or the month, skills are told to use the cheap model tier.',
    inWorker: true,
  }),
  budgetLeaseSeconds: setting({
    variable: 'SKILLOS_BUDGET_LEASE_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: SECONDS,
    meaning: 'After this time a run that needs the room asks whether the one that holds it still lives.',
    inWorker: true,
  }),
  modelStandardCost: setting({
    variable: 'SKILLOS_MODEL_STANDARD_COST',
    schema: amount,
    fallback: '1',
    expected: AMOUNT_RULE,
    meaning: 'What a step costs in the standard tier, where its manifest says no cost.',
    inWorker: true,
  }),
  modelCheapCost: setting({
    variable: 'SKILLOS_MODEL_CHEAP_COST',
    schema: amount,
    fallback: '0.5',
    expected: AMOUNT_RULE,
    meaning: 'What a step costs in the cheap tier, where its manifest says no cost.',
    inWorker: true,
  }),
  circuitFailureThreshold: setting({
    variable: 'SKILLOS_CIRCUIT_FAILURE_THRESHOLD',
    schema: integer(1, 10_000),
    fallback: '5',
    expected: 'a whole number from 1 to 10000',
    meaning: 'After how many failures in a row the circuit of a skill opens.',
    inWorker: true,
  }),
  circuitWindowSeconds: setting({
    variable: 'SKILLOS_CIRCUIT_WINDOW_SECONDS',
    schema: integer(1, 86_400),
    fallback: '300',
    expected: SECONDS,
    meaning: 'A failure longer ago than this no longer counts.',
    inWorker: true,
  }),
  circuitOpenSeconds: setting({
    variable: 'SKILLOS_CIRCUIT_OPEN_SECONDS',
    schema: integer(1, 86_400),
    fallback: '300',
    expected: SECONDS,
    meaning: 'How long an open circuit refuses runs; also when a probe that has not ended no longer counts.',
    inWorker: true,
  }),
  circuitHalfOpenMax: setting({
    variable: 'SKILLOS_CIRCUIT_HALF_OPEN_MAX',
    schema: integer(1, 1000),
    fallback: '1',
    expected: 'a whole number from 1 to 1000',
    meaning: 'How many runs at once may probe a skill whose circuit was open.',
    inWorker: true,
  }),
} as const;
