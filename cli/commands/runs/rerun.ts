import { Command, Option } from 'clipanion';
import type { Rerun, RerunAsk } from '../../../client/rerun.ts';
import { SkillosError } from '../../../core/errors.ts';
import type { ExitCode } from '../../../core/exit-codes.ts';
import { parseRunId } from '../../../core/run-id.ts';
import { isInFlight, RUN_STATUSES } from '../../../core/run.ts';
import type { RunStatus } from '../../../core/run.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { readJson } from '../../json-option.ts';
import { MAX_LIMIT, limitOf, sinceOf } from '../../list-options.ts';
import { RunningCommand } from '../../run-command.ts';

export class RunsRerunCommand extends RunningCommand {
  static override paths = [['runs', 'rerun']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Repeat a run, all of it or from a step on; or many runs',
    details:
      'A new run with the code that the old one ran, or with --latest as it is now. With --from the steps before that ' +
      'one do not run: the new run takes over what they put out; --set says instead what a step is to have put out. ' +
      'Permissions, approvals and budgets are asked anew, in the name of whoever repeats the run. A step is named by ' +
      'its number, or by its skill where that is unique. Without a run, all that --status, --since and --skill find ' +
      'are repeated, except those that were already; with --canary the first few are awaited, and must succeed.',
    examples: [
      ['All of it', 'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['From the third step', 'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --from 3'],
      [
        'With another output of the second step',
        `skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --from 3 --set '2={"city":"Kazan"}'`,
      ],
      [
        'With the skills of today',
        'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --latest --dry-run',
      ],
      ['What failed today, one first', 'skillos runs rerun --status error --since 24h --canary 1 --yes'],
    ],
  });

  runId = Option.String({ name: 'run', required: false });
  from = Option.String('--from', { description: 'First step that runs again' });
  set = Option.Array('--set', [], {
    description: 'step=json: what a step is to have put out; it does not run. Repeat for several',
  });
  latest = Option.Boolean('--latest', false, {
    description: 'The skills as they are now, not as the run had them',
  });
  statuses = Option.Array('--status', [], {
    description: 'All runs that ended so; repeat for any of several',
  });
  since = Option.String('--since', {
    description: 'All runs asked for within this time, or since an ISO date',
  });
  skill = Option.String('--skill', { description: 'All runs of this skill' });
  limit = Option.String('--limit', '100', { description: `At most this many runs, up to ${MAX_LIMIT}` });
  canary = Option.String('--canary', '0', { description: 'So many first; the others only if they succeed' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask whether to repeat so many runs' });

  async perform(): Promise<ExitCode> {
    const isMany = this.statuses.length > 0 || this.since !== undefined || this.skill !== undefined;
    if ((this.runId === undefined) !== isMany) {
      throw new SkillosError('usage', 'Expected either a run, or --status, --since or --skill');
    }
    return this.runId === undefined ? this.performMany() : this.performOne(parseRunId(this.runId));
  }

  private async performOne(runId: string): Promise<ExitCode> {
    const set = await Promise.all(this.set.map(readSet));
    const { ports } = this.runtime;
    const { readRerun, recordRerun, rerunFields, runToRepeat } = await import('../../../client/rerun.ts');
    const actor = await this.actor();
    const run = await runToRepeat(ports, actor, runId);
    const temporal = await this.runtime.connect();
    const { from, latest } = this;
    const rerun = await readRerun(ports, temporal, { runId, from, set, latest }).finally(() =>
      temporal.close(),
    );
    this.noteSteps(rerun);
    const { plan, payload, ...repeated } = rerun.ask;
    const { origin } = repeated;
    return this.executeRun({
      plan,
      payload: (await this.givenPayload()) ?? payload,
      repeated,
      document: rerunFields(runId, rerun),
      onStarted: (started) => recordRerun(ports, actor, { run, origin, runId: started }),
    });
  }

  private async performMany(): Promise<ExitCode> {
    const { latest, dryRun, yes, context } = this;
    if (this.from !== undefined || this.set.length > 0 || (await this.givenPayload()) !== undefined) {
      throw new SkillosError('usage', 'Expected a run with --from, --set and a payload');
    }
    const { rerunMany } = await import('../../bulk-rerun.ts');
    const { text, json, exit } = await rerunMany({
      runtime: this.runtime,
      context,
      actor: await this.actor(),
      filter: {
        limit: limitOf(this.limit),
        status: this.statuses.length === 0 ? ENDS : this.statuses.map(endOf),
        ...(this.since === undefined ? {} : { since: sinceOf(this.since, context.now()) }),
        ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      },
      latest,
      canary: canaryOf(this.canary),
      isDryRun: dryRun,
      isConfirmed: yes,
      note: (line) => this.note(line),
    });
    this.print({ text, json });
    return exit;
  }

  private noteSteps({ steps, undone }: Rerun): void {
    const taken = steps.filter(({ does }) => does !== 'run');
    for (const { number, skill, does } of taken) this.note(`step ${number} ${skill}: ${does}`);
    for (const number of undone) this.note(`warning: what step ${number} did was undone by the run itself`);
  }
}

async function readSet(text: string): Promise<RerunAsk['set'][number]> {
  const at = text.indexOf('=');
  if (at < 1) {
    const got = JSON.stringify(text.slice(0, 80));
    throw new SkillosError('usage', `Invalid --set ${got}: expected step=json, such as 2='"Kazan"'`);
  }
  const step = text.slice(0, at);
  return { step, value: await readJson(text.slice(at + 1), `--set ${step}`) };
}

const ENDS: readonly RunStatus[] = RUN_STATUSES.filter((status) => !isInFlight(status));

function endOf(text: string): RunStatus {
  const end = ENDS.find((known) => known === text);
  if (end !== undefined) return end;
  throw new SkillosError('usage', `Unknown --status ${JSON.stringify(text)}: expected ${ENDS.join(', ')}`);
}

function canaryOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new SkillosError('usage', `Invalid --canary ${JSON.stringify(text)}: expected a whole number`);
}
