/** Options of executing commands, and those whose text means more than itself. */
import { Option } from 'clipanion';
import type { DecisionWord } from '../core/approval.ts';
import { SkillosError } from '../core/errors.ts';
import { IdentifiedCommand } from './identified-command.ts';

export abstract class RunOptions extends IdentifiedCommand {
  payload = Option.String('--payload', {
    description: 'Payload: text, JSON, @file, or - for standard input',
  });
  payloadFile = Option.String('--payload-file', { description: 'Read the payload from a file' });
  fromStdin = Option.Boolean('--stdin', false, { description: 'Read the payload from standard input' });
  detach = Option.Boolean('--detach', false, { description: 'Start the run, print its id and return' });
  wait = Option.Boolean('--wait', {
    description: 'Wait also while people must decide; --no-wait does as --detach',
  });
  timeout = Option.String('--timeout', { description: 'Give up waiting after this long; the run goes on' });
  maxRetries = Option.String('--max-retries', {
    description: 'Retries of a failing step, instead of the manifest’s',
  });

  approval = Option.String('--approval', {
    description: 'Decide in the same call where people must: approved or denied',
  });
  approvalToken = Option.String('--approval-token', {
    description: 'The approval token: its text or @file (default: SKILLOS_APPROVER_TOKEN)',
  });
  stepThrough = Option.Boolean('--step-through', false, { description: 'Pause before each step' });
  rollback = Option.Boolean('--rollback', true, {
    description: 'Undo completed steps when a later one fails (the default); --no-rollback leaves them',
  });
  dryRun = Option.Boolean('--dry-run', false, {
    description: 'Show what would happen; nothing runs and nothing is charged',
  });
  planPath = Option.String('--plan-path', {
    description: 'With --dry-run write the plan to this file; else run only if all is as it was written',
  });
  idempotencyKey = Option.String('--idempotency-key', {
    description: 'Run once for this key: the same request again is answered with its first run',
  });
  debug = Option.Boolean('--debug', false, {
    description: 'Show afterwards what went in and out of each step',
  });
  profile = Option.Boolean('--profile', false, { description: 'Show afterwards how long each step took' });
  traced = Option.Boolean('--trace', false, { description: 'Show afterwards which steps there were' });

  /** Whether somebody wants to see the steps, and what of them. */
  protected get shownParts(): { readonly values: boolean; readonly times: boolean } | undefined {
    const { debug: values, profile: times, traced } = this;
    return values || times || traced ? { values, times } : undefined;
  }
}

/** `--approval`: in any case, as the predecessor took it. */
export function decisionOf(given: string | undefined): DecisionWord | undefined {
  const word = given?.toLowerCase();
  if (word === undefined || word === 'approved' || word === 'denied') return word;
  throw new SkillosError('usage', `Invalid --approval ${JSON.stringify(given)}: expected approved or denied`);
}

/** A decision taken with the run, and the token to prove it with. */
export interface ReadDecision {
  readonly decision: DecisionWord;
  readonly token: string | undefined;
}

export async function readDecision(
  given: string | undefined,
  givenToken: string | undefined,
): Promise<ReadDecision | undefined> {
  const decision = decisionOf(given);
  if (decision === undefined) return undefined;
  const { readToken } = await import('./identity.ts');
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
