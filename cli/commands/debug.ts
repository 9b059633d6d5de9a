import { Command, Option } from 'clipanion';
import type { Actor } from '../../client/actor.ts';
import type { Temporal } from '../../client/connection.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { readRun } from '../../client/run-parts.ts';
import { awaitNextStop, pauseOf, runToSteer, steer } from '../../client/steps.ts';
import type { StepOrder } from '../../client/steps.ts';
import { parseDuration } from '../../core/duration.ts';
import { SkillosError } from '../../core/errors.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { ExitCode } from '../../core/exit-codes.ts';
import { verdictOf } from '../../core/outcome.ts';
import { parseRunId } from '../../core/run-id.ts';
import { runDocument } from '../../core/run-document.ts';
import type { RunParts } from '../../core/run-document.ts';
import type { RunRecord } from '../../core/run.ts';
import { orderLines, pausedLines, stepLines } from '../debug-view.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { readJson } from '../json-option.ts';
import { printable } from '../run-command.ts';
import { openRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';

const ORDERS = ['next', 'continue', 'skip', 'abort', 'edit', 'break'] as const;

export class DebugCommand extends IdentifiedCommand {
  static override paths = [['debug']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show where a run is paused, and tell it how to go on',
    details:
      'Without an order it shows the step that the run is paused before and what goes into it. The orders: next runs ' +
      'the step, continue runs on without pauses, skip leaves the step out and hands its input on, edit --input gives ' +
      'it another input (what had to be approved must be approved again), break <step> pauses before a later step, ' +
      'and abort cancels the run. A step is named by its number, or by its skill where that is unique. After next, ' +
      'continue, skip and abort it waits until the run stops again, and exits with 4 where that is a pause.',
    examples: [
      ['Where it stands', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['One step further', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC next'],
      [
        'With another input',
        `skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC edit --input '{"city":"Kazan"}'`,
      ],
      ['Run on to the third step', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC break 3'],
    ],
  });

  runId = Option.String({ name: 'run' });
  order = Option.String({ name: 'order', required: false });
  step = Option.String({ name: 'step', required: false });
  input = Option.String('--input,--set', { description: 'New input of the paused step: JSON or @file' });
  detach = Option.Boolean('--detach', false, { description: 'Do not wait until the run stops again' });
  timeout = Option.String('--timeout', { description: 'Wait no longer than this; the run goes on' });

  async perform(): Promise<ExitCode> {
    if (this.timeout !== undefined) parseDuration(this.timeout, '--timeout'); // told before anything is done
    const runId = parseRunId(this.runId);
    const order = await this.readOrder();
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const actor = await this.actor();
    const run = await runToSteer(runtime.ports, actor, runId);
    const temporal = await runtime.connect();
    try {
      const exit = order === undefined ? EXIT.ok : await this.obey(runtime, temporal, { order, actor, run });
      const stands = await this.show(runtime, temporal, runId);
      return exit ?? stands;
    } finally {
      await temporal.close();
    }
  }

  /** `undefined` where the run has stopped again: then it says itself how to exit. */
  private async obey(
    { ports }: Runtime,
    temporal: Temporal,
    steering: { readonly order: StepOrder; readonly actor: Actor; readonly run: RunRecord },
  ): Promise<ExitCode | undefined> {
    const { order, run } = steering;
    await steer(ports, temporal, steering);
    this.note(`${order.command}: ${run.id}`);
    return isAnswered(order) || this.detach ? EXIT.ok : this.waitFor(ports, temporal, run);
  }

  private async readOrder(): Promise<StepOrder | undefined> {
    const { step, input } = this;
    const order = ORDERS.find((known) => known === this.order);
    if (this.order !== undefined && order === undefined) {
      throw new SkillosError(
        'usage',
        `Unknown order ${JSON.stringify(this.order)}: expected ${ORDERS.join(', ')}`,
      );
    }
    if ((input === undefined) === (order === 'edit')) {
      throw new SkillosError('usage', 'Expected --input with edit, and with nothing else');
    }
    if ((step === undefined) === (order === 'break')) {
      throw new SkillosError('usage', 'Expected a step after break, and after nothing else');
    }
    if (order === undefined) return undefined;
    if (order === 'edit') return { command: order, input: await readJson(input as string, '--input') };
    return order === 'break' ? { command: order, step: step as string } : { command: order };
  }

  private async waitFor(
    ports: ClientPorts,
    temporal: Temporal,
    run: RunRecord,
  ): Promise<ExitCode | undefined> {
    const { timeout } = this;
    const interrupt = new AbortController();
    const late = timeout === undefined ? undefined : AbortSignal.timeout(parseDuration(timeout, '--timeout'));
    const forget = this.context.onInterrupt(() => interrupt.abort());
    try {
      const signal = AbortSignal.any([interrupt.signal, ...(late === undefined ? [] : [late])]);
      await awaitNextStop(ports, temporal, { run, signal });
    } finally {
      forget();
    }
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return late?.aborted ? EXIT.timeout : undefined;
  }

  /** The exit code is that of how the run stands. */
  private async show({ ports }: Runtime, temporal: Temporal, runId: string): Promise<ExitCode> {
    const parts = await readRun(ports, temporal, runId);
    const { record } = parts;
    const paused = await pauseOf(ports, record);
    const document = runDocument(parts);
    this.print({
      text: [
        ...headLines(parts),
        ...(paused === undefined ? [] : pausedLines(paused)),
        ...(record.steps.length === 0 ? [] : ['steps', ...stepLines(parts)]),
        ...(paused === undefined ? [] : orderLines(runId)),
      ],
      json: paused === undefined ? document : { ...document, paused_before: { ...paused } },
    });
    return verdictOf(record.status, record.reason).exit;
  }
}

/** An order that is done when the run has taken it. */
function isAnswered({ command }: StepOrder): boolean {
  return command === 'edit' || command === 'break';
}

function headLines({ record, result }: RunParts): readonly string[] {
  const { id, status, reason } = record;
  const head = `${status}: ${reason === undefined ? id : `${id} (${reason})`}`;
  return [head, ...(result === undefined ? [] : ['output', printable(result)])];
}
