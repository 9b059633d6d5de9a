import { Command, Option } from 'clipanion';
import { listAudit } from '../../../client/audit/audit.ts';
import { AUDIT_ACTIONS } from '../../../core/telemetry/audit.ts';
import type { AuditAction, AuditEntry } from '../../../core/telemetry/audit.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import { nearest } from '../../../core/values/nearest.ts';
import { parseRunId } from '../../../core/values/run-id.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf, sinceOf } from '../../input/list-options.ts';
import { oneLine } from '../../views/plain-text.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../views/table.ts';

export class AuditListCommand extends SkillosCommand {
  static override paths = [['audit', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List audit entries, newest first: decisions and changes, with actor, time and channel',
    details:
      'Shows entries of the caller’s tenant. Requires the permission audit:read. --json includes all fields.',
    examples: [
      ['The last twenty', 'skillos audit list'],
      ['Refusals of today', 'skillos audit list --action run_blocked --action approval_denied --since 24h'],
      ['All about one run', 'skillos audit list --run travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
    ],
  });

  identity = identityOptions();
  actions = Option.Array('--action', [], { description: 'Only this action; repeat for any of several' });
  runId = Option.String('--run', { description: 'Only about this run' });
  skill = Option.String('--skill', { description: 'Only about this skill' });
  subject = Option.String('--subject', { description: 'Only actions of this person or program' });
  since = Option.String('--since', { description: 'Only within this time, or since an ISO date' });
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });

  async perform() {
    const { ports } = openRuntime(this);
    const run = this.runId === undefined ? undefined : await runNamed(this, ports, this.runId);
    const { items, unreadable } = await listAudit(ports, await rightsOf(this), {
      limit: limitOf(this.limit),
      ...(this.actions.length === 0 ? {} : { actions: this.actions.map(actionOf) }),
      ...(run === undefined ? {} : { run: parseRunId(run) }),
      ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      ...(this.subject === undefined ? {} : { subject: this.subject }),
      ...(this.since === undefined ? {} : { since: sinceOf(this.since, this.context.now()) }),
    });
    this.print({
      text: items.length === 0 ? 'no_entries' : renderTable(HEAD, items.map(rowOf)),
      json: { schema: 'skillos.audit/v1', items: items as unknown as readonly JsonObject[], unreadable },
    });
    if (unreadable > 0) this.note(`warning: ${unreadable} lines of the audit log are not valid entries`);
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
