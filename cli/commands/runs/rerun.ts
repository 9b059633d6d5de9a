import { Command, Option } from 'clipanion';
import type { Rerun, RerunRequest } from '../../../client/submit/rerun.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { ExitCode } from '../../../core/errors/exit-codes.ts';
import { isRunId } from '../../../core/values/run-id.ts';
import { isInFlight, RUN_STATUSES } from '../../../core/runs/run.ts';
import type { RunStatus } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { readJson } from '../../input/json-option.ts';
import { MAX_LIMIT, limitOf, sinceOf } from '../../input/list-options.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { readPayload } from '../../input/payload.ts';
import { runOptions } from '../../input/run-options.ts';
import { openRuntime } from '../../runtime.ts';
import { runNamed } from '../../input/run-argument.ts';
import { runAndPrint } from '../../running/print-outcome.ts';

export class RunsRerunCommand extends SkillosCommand {
  static override paths = [['runs', 'rerun']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Repeat a run, completely or from a step; or many runs',
    details:
      'Starts a new run with the code of the old one, or with --latest the present code. With --from, earlier steps ' +
      'do not run: their outputs are reused; --set gives another output for a step. ' +
      'Permissions, approvals and budgets are checked again, for the caller of this command. A step is named by ' +
      'its number, or by its skill if only one step runs it. Without a run, those that --status, --since and --skill select ' +
      'are repeated, except those that have been repeated; with --canary the first ones must succeed before the others start.',
    examples: [
      ['The whole run', 'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['From the third step', 'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --from 3'],
      [
        'With another output of the second step',
        `skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --from 3 --set '2={"city":"Kazan"}'`,
      ],
      [
        'With the present skills',
        'skillos runs rerun pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --latest --dry-run',
      ],
      [
        'Failures of today, one of them first',
        'skillos runs rerun --status error --since 24h --canary 1 --yes',
      ],
    ],
  });

  identity = identityOptions();
  running = runOptions();
  runId = Option.String({ name: 'run', required: false });
  from = Option.String('--from', { description: 'First step that runs again' });
  set = Option.Array('--set', [], {
    description: 'step=json: output of a step, which does not run; repeat for several',
  });
  latest = Option.Boolean('--latest', false, {
    description: 'Use the present skills instead of those of the run',
  });
  statuses = Option.Array('--status', [], {
    description: 'All runs with this status; repeat for any of several',
  });
  since = Option.String('--since', {
    description: 'All runs requested within this time, or since an ISO date',
  });
  skill = Option.String('--skill', { description: 'All runs of this skill' });
  limit = Option.String('--limit', '100', { description: `At most this many runs, up to ${MAX_LIMIT}` });
  canary = Option.String('--canary', '0', {
    description: 'Number of runs that must succeed before the others start',
  });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask for confirmation' });

  async perform(): Promise<ExitCode> {
    const isMany = this.statuses.length > 0 || this.since !== undefined || this.skill !== undefined;
    if ((this.runId === undefined) !== isMany) {
      throw new SkillosError('usage', 'Expected either a run, or --status, --since or --skill');
    }
    return this.runId === undefined ? this.performMany() : this.performOne(this.runId);
  }

  private async performOne(text: string): Promise<ExitCode> {
    const { from, latest } = this;
    const set = await Promise.all(this.set.map(readSet));
    const runId = isRunId(text) ? text : await runNamed(this, openRuntime(this).ports, text);
    return runAndPrint(
      this,
      { kind: 'rerun', runId, from, set, latest },
      { onFound: (found) => found.kind === 'rerun' && this.noteSteps(found.rerun) },
    );
  }

  private async performMany(): Promise<ExitCode> {
    const { latest, running, yes, context } = this;
    const payload = await readPayload(running, context.stdin);
    if (this.from !== undefined || this.set.length > 0 || payload !== undefined) {
      throw new SkillosError('usage', 'Expected a run with --from, --set and a payload');
    }
    const { rerunMany } = await import('../../running/bulk-rerun.ts');
    const { text, json, exit } = await rerunMany({
      command: this,
      actor: await actorOf(this),
      filter: {
        limit: limitOf(this.limit),
        status: this.statuses.length === 0 ? ENDS : this.statuses.map(endOf),
        ...(this.since === undefined ? {} : { since: sinceOf(this.since, context.now()) }),
        ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      },
      latest,
      canary: canaryOf(this.canary),
      isDryRun: running.dryRun,
      isConfirmed: yes,
    });
    this.print({ text, json });
    return exit;
  }

  private noteSteps({ steps, undone }: Rerun): void {
    const taken = steps.filter(({ source }) => source !== 'run');
    for (const { number, skill, source } of taken) this.note(`step ${number} ${skill}: ${source}`);
    for (const number of undone)
      this.note(`warning: the run has rolled back step ${number}, whose output is reused`);
  }
}

async function readSet(text: string): Promise<RerunRequest['set'][number]> {
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
