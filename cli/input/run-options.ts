/** Options of commands that run something, and the parsers of their values. */
import { Option } from 'clipanion';
import type { DecisionWord } from '../../core/approvals/approval.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { parseSessionId } from '../../core/sessions/session.ts';
import { parseDuration } from '../../core/values/duration.ts';
import type { ExpectedPlan, SubmitOptions } from '../../client/submit/submission.ts';
import { readToken } from './identity.ts';
import type { IdentifiedCommand } from './identity.ts';
import { optionGroup } from './option-group.ts';
import { requireOnePayload } from './payload.ts';

export const runOptions = () =>
  optionGroup({
    payload: Option.String('--payload', {
      description: 'Payload: text, JSON, @file, or - for standard input',
    }),
    payloadFile: Option.String('--payload-file', { description: 'Read the payload from a file' }),
    fromStdin: Option.Boolean('--stdin', false, { description: 'Read the payload from standard input' }),
    detach: Option.Boolean('--detach', false, { description: 'Start the run, print its id and return' }),
    wait: Option.Boolean('--wait', {
      description: 'Wait during an approval too; --no-wait is the same as --detach',
    }),
    timeout: Option.String('--timeout', { description: 'Stop waiting after this time; the run continues' }),
    maxRetries: Option.String('--max-retries', {
      description: 'Retries of a failing step, instead of the manifest’s',
    }),

    approval: Option.String('--approval', {
      description: 'Decision, if the run requires an approval: approved or denied',
    }),
    approvalToken: Option.String('--approval-token', {
      description: 'The approval token: its text or @file (default: SKILLOS_APPROVER_TOKEN)',
    }),
    stepThrough: Option.Boolean('--step-through', false, { description: 'Pause before each step' }),
    rollback: Option.Boolean('--rollback', true, {
      description: 'Roll back completed steps if a later one fails (default); --no-rollback keeps them',
    }),
    dryRun: Option.Boolean('--dry-run', false, {
      description: 'Show the plan and its checks; nothing runs and nothing is charged',
    }),
    planPath: Option.String('--plan-path', {
      description: 'With --dry-run write the plan to this file; otherwise run only if the plan is unchanged',
    }),
    idempotencyKey: Option.String('--idempotency-key', {
      description: 'Run once per key: a repeated request returns the first run',
    }),
    session: Option.String('--session', {
      description: 'The session of the run, whose messages the skill sees; it is made if there is none',
    }),
    debug: Option.Boolean('--debug', false, {
      description: 'Show inputs and outputs of the steps afterwards',
    }),
    profile: Option.Boolean('--profile', false, { description: 'Show durations of the steps afterwards' }),
    traced: Option.Boolean('--trace', false, { description: 'Show the steps afterwards' }),
  });

export type RunOptions = ReturnType<typeof runOptions>;

/** A command that runs something. */
export type RunningCommand = IdentifiedCommand & { readonly running: RunOptions };

export interface ShownParts {
  readonly values: boolean;
  readonly times: boolean;
}

/** The parts of the steps to show afterwards; undefined if no option asks for the steps. */
export function shownParts({ debug: values, profile: times, traced }: RunOptions): ShownParts | undefined {
  return values || times || traced ? { values, times } : undefined;
}

export interface ReadRunOptions {
  readonly options: SubmitOptions;
  readonly timeoutMs: number | undefined;
  readonly isDetached: boolean;
}

/** Rejects with `usage` for options that do not parse or exclude each other, and if a file that they name is unreadable. */
export async function readRunOptions({ running, config }: RunningCommand): Promise<ReadRunOptions> {
  const { dryRun, stepThrough, approval, approvalToken, planPath, maxRetries } = running;
  requireOnePayload(running);
  if (dryRun && stepThrough) throw new SkillosError('usage', 'Expected one of --dry-run and --step-through');
  const decision = await readDecision(approval, approvalToken ?? config.approverToken);
  if (running.detach && decision !== undefined) {
    throw new SkillosError('usage', 'Expected one of --detach and --approval', {
      hint: 'Decide on a waiting run: skillos approve <run> or skillos deny <run>',
    });
  }
  const { timeout } = running;
  return {
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout, '--timeout'),
    isDetached: running.detach || running.wait === false,
    options: {
      isDryRun: dryRun,
      maxRetries: maxRetries === undefined ? undefined : retriesOf(maxRetries),
      stepThrough,
      noRollback: !running.rollback,
      idempotencyKey: running.idempotencyKey,
      sessionId: running.session === undefined ? undefined : parseSessionId(running.session),
      expected: planPath === undefined || dryRun ? undefined : await readExpected(planPath),
      decision,
    },
  };
}

async function readExpected(planPath: string): Promise<ExpectedPlan> {
  const { readPlanFile } = await import('./plan-file.ts');
  return { kind: 'file', file: await readPlanFile(planPath) };
}

/** Parses `--approval`, in upper or lower case like the predecessor. */
export function decisionOf(given: string | undefined): DecisionWord | undefined {
  const word = given?.toLowerCase();
  if (word === undefined || word === 'approved' || word === 'denied') return word;
  throw new SkillosError('usage', `Invalid --approval ${JSON.stringify(given)}: expected approved or denied`);
}

/** A decision that is sent with the run, and its approval token. */
interface ReadDecision {
  readonly decision: DecisionWord;
  readonly token: string | undefined;
}

async function readDecision(
  given: string | undefined,
  givenToken: string | undefined,
): Promise<ReadDecision | undefined> {
  const decision = decisionOf(given);
  if (decision === undefined) return undefined;
  return { decision, token: await readToken(givenToken) };
}

export function retriesOf(text: string): number {
  const retries = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  if (retries !== undefined) return retries;
  throw new SkillosError(
    'usage',
    `Invalid --max-retries ${JSON.stringify(text)}: expected a whole number from 0 to 99`,
  );
}
