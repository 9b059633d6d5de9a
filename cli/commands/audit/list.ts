import { Command, Option } from 'clipanion';
import { listAudit } from '../../../client/audit.ts';
import { AUDIT_ACTIONS } from '../../../core/audit.ts';
import type { AuditAction, AuditEntry } from '../../../core/audit.ts';
import { SkillosError } from '../../../core/errors.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import { nearest } from '../../../core/nearest.ts';
import { parseRunId } from '../../../core/run-id.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { MAX_LIMIT, limitOf, sinceOf } from '../../list-options.ts';
import { oneLine } from '../../plain-text.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../table.ts';

export class AuditListCommand extends IdentifiedCommand {
  static override paths = [['audit', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List what was decided and changed, newest first: who, when, by which way',
    details:
      'Of the caller’s tenant. Needs the permission audit:read. --json has all fields, before and after.',
    examples: [
      ['The last twenty', 'skillos audit list'],
      [
        'What was refused today',
        'skillos audit list --action run_blocked --action approval_denied --since 24h',
      ],
      ['All about one run', 'skillos audit list --run travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
    ],
  });

  actions = Option.Array('--action', [], { description: 'Only this action; repeat for any of several' });
  runId = Option.String('--run', { description: 'Only about this run' });
  skill = Option.String('--skill', { description: 'Only about this skill' });
  subject = Option.String('--subject', { description: 'Only what this person or program did' });
  since = Option.String('--since', { description: 'Only within this time, or since an ISO date' });
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const { items, unreadable } = await listAudit(ports, await this.rights(), {
      limit: limitOf(this.limit),
      ...(this.actions.length === 0 ? {} : { actions: this.actions.map(actionOf) }),
      ...(this.runId === undefined ? {} : { run: parseRunId(this.runId) }),
      ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      ...(this.subject === undefined ? {} : { subject: this.subject }),
      ...(this.since === undefined ? {} : { since: sinceOf(this.since, this.context.now()) }),
    });
    this.print({
      text: items.length === 0 ? 'no_entries' : renderTable(HEAD, items.map(rowOf)),
      json: { schema: 'skillos.audit/v1', items: items as unknown as readonly JsonObject[], unreadable },
    });
    if (unreadable > 0) this.note(`warning: ${unreadable} lines of the audit log are no entries of it`);
    return EXIT.ok;
  }
}

const HEAD = ['AT', 'ACTION', 'BY', 'WAY', 'ABOUT', 'WHY'];

function rowOf({
  at,
  action,
  actor,
  way,
  run,
  skill,
  reason,
  policy,
  comment,
}: AuditEntry): readonly string[] {
  const why = [reason, policy, comment === undefined ? undefined : JSON.stringify(comment)];
  const texts = [at, action, actor.subject, way, run ?? skill ?? '', why.filter(Boolean).join(' ')];
  return texts.map(oneLine);
}

function actionOf(text: string): AuditAction {
  const action = AUDIT_ACTIONS.find((known) => known === text);
  if (action !== undefined) return action;
  const meant = nearest(text, AUDIT_ACTIONS);
  throw new SkillosError(
    'usage',
    `Unknown --action ${JSON.stringify(text)}: expected ${AUDIT_ACTIONS.join(', ')}`,
    meant === undefined ? {} : { hint: `Did you mean: ${meant}` },
  );
}
