/** Options of commands that enqueue a job. */
import { Option } from 'clipanion';
import { SkillosError } from '../../core/errors/errors.ts';
import { parseJobAsk } from '../../core/jobs/job-terms.ts';
import type { JobAsk, JobTexts } from '../../core/jobs/job-terms.ts';
import { optionGroup } from './option-group.ts';
import type { RunOptions } from './run-options.ts';

/** Time and priority at which the job is served. */
const jobTermsOptions = {
  delay: () => Option.String('--delay', { description: 'Start the job after this long' }),
  runAt: () =>
    Option.String('--run-at', { description: 'Start the job at this time, ISO 8601 with its offset' }),
  priority: () =>
    Option.String('--priority', { description: 'From 1 (served first) to 5 (last); the default is 3' }),
  expires: () =>
    Option.String('--expires', {
      description: 'Cancel the job if it has not started this long after its time',
    }),
};

export const jobOptions = () =>
  optionGroup({
    payload: Option.String('--payload', {
      description: 'Payload: text, JSON, @file, or - for standard input',
    }),
    payloadFile: Option.String('--payload-file', { description: 'Read the payload from a file' }),
    fromStdin: Option.Boolean('--stdin', false, { description: 'Read the payload from standard input' }),
    maxRetries: Option.String('--max-retries', {
      description: 'Retries of a failing step, instead of the manifest’s',
    }),
    delay: jobTermsOptions.delay(),
    runAt: jobTermsOptions.runAt(),
    priority: jobTermsOptions.priority(),
    expires: jobTermsOptions.expires(),
    idempotencyKey: Option.String('--idempotency-key', {
      description: 'Enqueue once for this key: the same request again is answered with its first job',
    }),
  });

export type JobOptions = ReturnType<typeof jobOptions>;

/** Options of a command that can run its plan at once, or enqueue it. */
export const asJobOptions = () =>
  optionGroup({
    isJob: Option.Boolean('--job', false, { description: 'Enqueue it as a job instead of running it now' }),
    delay: jobTermsOptions.delay(),
    runAt: jobTermsOptions.runAt(),
    priority: jobTermsOptions.priority(),
    expires: jobTermsOptions.expires(),
  });

type AsJobOptions = ReturnType<typeof asJobOptions>;

/** Throws `usage` if there are options for another way to run the plan than the one that was chosen. */
export function refuseMixedOptions({ isJob, ...terms }: AsJobOptions, running: RunOptions): void {
  if (!isJob && Object.values(terms).some((text) => text !== undefined)) {
    throw new SkillosError('usage', 'Expected --job with --delay, --run-at, --priority and --expires');
  }
  if (!isJob) return;
  const { wait, timeout, approval, stepThrough, dryRun, planPath, debug, profile, traced, session } = running;
  if (session !== undefined) {
    throw new SkillosError('usage', 'Expected one of --job and --session: jobs have no session');
  }
  const texts = [timeout, approval, planPath].some((text) => text !== undefined);
  if (texts || wait === true || stepThrough || dryRun || debug || profile || traced) {
    throw new SkillosError('usage', 'Expected --job without options for a run that is followed', {
      hint: 'A job takes the payload, --max-retries, --rollback, --idempotency-key, and when to start',
    });
  }
}

const NAMES = { priority: '--priority', delay: '--delay', runAt: '--run-at', expires: '--expires' };

export function readJobAsk(texts: JobTexts, now: number): JobAsk {
  return parseJobAsk(texts, NAMES, now);
}
