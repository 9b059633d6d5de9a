/** Gives, lists and undoes feedback on routing. Needs no Temporal. */
import { ulid } from 'ulid';
import { SkillosError } from '../../core/errors/errors.ts';
import { feedbackLog } from '../../core/learning/feedback.ts';
import type { FeedbackEntry, FeedbackLine } from '../../core/learning/feedback.ts';
import type { Feedback } from '../../core/learning/feedback-state.ts';
import { unknownFeedback } from '../../core/learning/feedback-document.ts';
import { queryTerms } from '../../core/learning/query-memory.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { openRun } from '../runs/run-records.ts';
import { showSkill } from '../skills/skills.ts';
import type { LastQueries } from './last-query.ts';
import { feedbackReader } from './read-feedback.ts';
import type { ReadFeedback } from './read-feedback.ts';

export interface FeedbackPorts extends Pick<ClientPorts, 'catalogs' | 'records' | 'journal' | 'now'> {
  readonly readFeedback: ReadFeedback;
  readonly lastQueries: Pick<LastQueries, 'find'>;
}

export interface GivenFeedback {
  readonly skill: SkillId;
  /** The right skill; absent or equal to `skill` to confirm that skill. */
  readonly expected?: SkillId | undefined;
  /** Default: the query of the run, else the caller's last routed query if it went to the skill. */
  readonly query?: string | undefined;
  readonly runId?: string | undefined;
  /** Where the feedback comes from, such as `cli`. */
  readonly source: string;
}

/** The router analyses no more of a query. */
const MAX_QUERY = 4096;
const MAX_SOURCE = 100;
/** Entries of one person within an hour, with those that were undone, so that nobody fills the log that all processes read. */
const MAX_PER_HOUR = 1000;
const HOUR_MS = 3_600_000;

/**
 * Resolves to the stored entry. Rejects with `permission_denied`, with `unknown_skill` also for a skill that the caller may not
 * run, with `unknown_run`, `feedback_invalid` or `rate_limited`.
 */
export async function giveFeedback(
  ports: FeedbackPorts,
  actor: Actor,
  given: GivenFeedback,
): Promise<FeedbackEntry> {
  const { rights } = actor;
  const { skill, expected, source } = given;
  checkSource(source);
  await authorize(ports, actor, { operation: 'feedback:write', skill });
  for (const id of expected === undefined ? [skill] : [skill, expected]) {
    await showSkill(ports.catalogs, rights, id);
  }
  const query = await queryOf(ports, rights, given);
  const at = ports.now();
  checkRate(await ports.readFeedback(rights.tenant), rights, at);
  const { subject, via } = rights.principal;
  const entry: FeedbackEntry = {
    id: ulid(at),
    at: new Date(at).toISOString(),
    by: { subject, via },
    skill,
    ...(expected === undefined || expected === skill ? {} : { expected }),
    ...(query === undefined ? {} : { query, terms: queryTerms(query) }),
    source,
  };
  await append(ports, rights, { kind: 'given', ...entry });
  await recordAudit(ports, actor, {
    action: 'feedback_given',
    skill,
    after: { id: entry.id, ...(entry.expected === undefined ? {} : { expected: entry.expected }) },
  });
  return entry;
}

/** Resolves to the removed entry; everything is as if it had never been. Rejects with `unknown_feedback`. */
export async function undoFeedback(ports: FeedbackPorts, actor: Actor, id: string): Promise<FeedbackEntry> {
  const { rights } = actor;
  await authorize(ports, actor, { operation: 'feedback:write' });
  const entry = (await ports.readFeedback(rights.tenant)).entries.get(id);
  if (entry === undefined) throw unknownFeedback(id);
  const { subject, via } = rights.principal;
  const at = new Date(ports.now()).toISOString();
  await append(ports, rights, { kind: 'undone', undone: id, at, by: { subject, via } });
  await recordAudit(ports, actor, { action: 'feedback_undone', skill: entry.skill, before: { id } });
  return entry;
}

/** Resolves to the feedback of the caller's tenant. Rejects with `permission_denied`. */
export async function listFeedback(ports: FeedbackPorts, actor: Actor): Promise<Feedback> {
  await authorize(ports, actor, { operation: 'feedback:write' });
  return ports.readFeedback(actor.rights.tenant);
}

async function queryOf(
  ports: FeedbackPorts,
  rights: Rights,
  { query, runId, skill }: GivenFeedback,
): Promise<string | undefined> {
  if (query !== undefined && runId !== undefined) {
    throw new SkillosError('feedback_invalid', 'Expected one of a query and a run, got both');
  }
  if (query !== undefined) return checkedQuery(query);
  if (runId === undefined) {
    const last = await ports.lastQueries.find(rights);
    return last?.skill === skill ? last.query : undefined;
  }
  const run = await openRun(ports, rights, { runId, operation: 'runs:read' });
  if (run.skill !== skill) {
    throw new SkillosError(
      'feedback_invalid',
      `Run "${run.id}" is not a run of "${skill}": it ran "${run.skill}"`,
    );
  }
  return run.query;
}

function checkedQuery(query: string): string {
  if (query.trim() !== '' && query.length <= MAX_QUERY) return query;
  throw new SkillosError(
    'feedback_invalid',
    `Expected a query of 1 to ${MAX_QUERY} characters, got ${query.length}`,
  );
}

function checkSource(source: string): void {
  const isBlank = source.trim() === '';
  if (!isBlank && source.length <= MAX_SOURCE) return;
  throw new SkillosError(
    'feedback_invalid',
    `Expected a source of 1 to ${MAX_SOURCE} characters, got ${isBlank ? 'none' : source.length}`,
    { hint: 'Name where the feedback comes from, such as --source cli' },
  );
}

function checkRate({ given }: Feedback, { principal }: Rights, at: number): void {
  const since = new Date(at - HOUR_MS).toISOString();
  const { length: count } = given.filter(
    ({ by, at: time }) => time > since && by.subject === principal.subject && by.via === principal.via,
  );
  if (count < MAX_PER_HOUR) return;
  throw new SkillosError(
    'rate_limited',
    `${count} entries of feedback within an hour: expected at most ${MAX_PER_HOUR} of one person`,
  );
}

async function append({ journal }: FeedbackPorts, { tenant }: Rights, line: FeedbackLine): Promise<void> {
  await journal.append(feedbackLog(tenant), [line as unknown as JsonObject]); // its fields are plain JSON
}

/** The ports on what a process has open. */
export function feedbackPorts(
  ports: Pick<ClientPorts, 'catalogs' | 'records' | 'journal' | 'now'>,
  last: LastQueries,
): FeedbackPorts {
  return { ...ports, readFeedback: feedbackReader(ports.journal), lastQueries: last };
}
