import { Command, Option } from 'clipanion';
import { openRun } from '../../../client/runs/run-records.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { runDocument, titleOf, untracedStatus } from '../../../core/runs/run-document.ts';
import type { RunParts } from '../../../core/runs/run-document.ts';
import { EMPTY_TRACE } from '../../../core/runs/trace.ts';
import { skillText } from '../../../core/skills/variants.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { printable } from '../../views/plain-text.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import type { Runtime } from '../../runtime.ts';

export class RunsShowCommand extends SkillosCommand {
  static override paths = [['runs', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show one run: its status, steps and output, and its address in the Web UI',
    details:
      'The outcome comes from the run record, the steps from the history, as long as Temporal keeps it. ' +
      'If Temporal is unreachable, only the record is shown.',
    examples: [['A run', 'skillos runs show travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });

  async perform() {
    const runtime = openRuntime(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    await openRun(runtime.ports, await rightsOf(this), { runId, operation: 'runs:read' });
    const parts = await this.readRun(runtime, runId);
    this.print({ text: linesOf(parts), json: runDocument(parts) });
    return EXIT.ok;
  }

  private async readRun(runtime: Runtime, runId: string): Promise<RunParts> {
    const [{ readParts }, { traceRun }] = await Promise.all([
      import('../../running/follow.ts'),
      import('../../../client/runs/watch.ts'),
    ]);
    const without = (error: unknown): undefined => {
      this.note(`without history: ${error instanceof Error ? error.message : String(error)}`);
    };
    const temporal = await runtime.connect().catch(without);
    try {
      const traced = temporal && (await traceRun(runtime.ports, temporal, runId).catch(without));
      const trace = traced ?? EMPTY_TRACE;
      return await readParts(runtime, temporal, { runId, trace });
    } finally {
      await temporal?.close();
    }
  }
}

function linesOf(parts: RunParts): readonly string[] {
  const { record, trace, result, url } = parts;
  const field = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name.padEnd(11)}${value}`];
  const steps = record.steps.map(({ number, skill, variant }) => {
    const step = trace.steps.find((traced) => traced.number === number);
    const attempts = step !== undefined && step.attempts > 1 ? `, ${step.attempts} attempts` : '';
    const status = step?.status ?? untracedStatus(record, trace, number);
    return `  ${number} ${skillText(skill, variant)} ${status}${attempts}`;
  });
  const undoings = (record.undoings ?? []).map(
    ({ step, skill, failure }) =>
      `  ${step} ${skill} ${failure === undefined ? 'success' : `error: ${failure.message}`}`,
  );
  const { origin } = record;
  return [
    ...field('run', record.id),
    ...field('skill', titleOf(record)),
    ...field('schedule', record.schedule),
    ...field('trigger', record.job?.trigger),
    ...field('session', record.session?.id),
    ...field('origin', origin && `${origin.runId}, from step ${origin.from}`),
    ...field('status', record.reason === undefined ? record.status : `${record.status} (${record.reason})`),
    ...field('error', record.error?.message),
    ...field('requested', `${record.createdAt} by ${record.principal.subject}`),
    ...field('started', record.startedAt),
    ...field('ended', record.endedAt),
    ...field('web', url),
    ...(steps.length === 0 ? [] : ['steps', ...steps]),
    ...(undoings.length === 0 ? [] : ['rollback', ...undoings]),
    ...(result === undefined ? [] : ['output', printable(result)]),
  ];
}
