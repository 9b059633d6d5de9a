import { Command, Option } from 'clipanion';
import type { Actor } from '../../client/audit/authorize.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { awaitNextStop, pauseOf, runToControl, controlRun } from '../../client/runs/step-control.ts';
import type { StepInstruction } from '../../client/runs/step-control.ts';
import { parseDuration } from '../../core/values/duration.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { verdictOf } from '../../core/runs/outcome.ts';
import { runDocument } from '../../core/runs/run-document.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { orderLines, pausedLines, stepLines } from '../views/debug-view.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { readJson } from '../input/json-option.ts';
import { printable } from '../views/plain-text.ts';
import { runNamed } from '../input/run-argument.ts';
import { openRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';

const ORDERS = ['next', 'continue', 'skip', 'abort', 'edit', 'break'] as const;

export class DebugCommand extends SkillosCommand {
  static override paths = [['debug']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show a paused run, or send it a command',
    details:
      'Without a command it shows the step before which the run is paused, with its input. The commands: next runs ' +
      'the step, continue runs all steps without pauses, skip omits the step and passes its input on, edit --input ' +
      'replaces its input (a required approval is required again), break <step> pauses before a later step, ' +
      'and abort cancels the run. A step is named by its number, or by its skill if only one step runs it. After next, ' +
      'continue, skip and abort it waits until the run stops again, and exits with 4 if the run is paused.',
    examples: [
      ['The paused step', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['Run one step', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC next'],
      [
        'With another input',
        `skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC edit --input '{"city":"Kazan"}'`,
      ],
      ['Pause again before the third step', 'skillos debug pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC break 3'],
    ],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });
  order = Option.String({ name: 'command', required: false });
  step = Option.String({ name: 'step', required: false });
  input = Option.String('--input,--set', { description: 'New input of the paused step: JSON or @file' });
  detach = Option.Boolean('--detach', false, { description: 'Do not wait until the run stops again' });
  timeout = Option.String('--timeout', { description: 'Stop waiting after this time; the run continues' });

  async perform(): Promise<ExitCode> {
    if (this.timeout !== undefined) parseDuration(this.timeout, '--timeout'); // reported before the command is sent
    const order = await this.readOrder();
    const runtime = openRuntime(this);
    const actor = await actorOf(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    const run = await runToControl(runtime.ports, actor, runId);
    const temporal = await runtime.connect();
    try {
      const exit = order === undefined ? EXIT.ok : await this.send(runtime, temporal, { order, actor, run });
      const status = await this.show(runtime, temporal, runId);
      return exit ?? status;
    } finally {
      await temporal.close();
    }
  }

  /** Resolves to undefined if the run has stopped again, because its status then gives the exit code. */
  private async send(
    { ports }: Runtime,
    temporal: Temporal,
    sending: { readonly order: StepInstruction; readonly actor: Actor; readonly run: RunRecord },
  ): Promise<ExitCode | undefined> {
    const { order, run } = sending;
    await controlRun(ports, temporal, sending);
    this.note(`${order.command}: ${run.id}`);
    return isAnswered(order) || this.detach ? EXIT.ok : this.waitFor(ports, temporal, run);
  }

  private async readOrder(): Promise<StepInstruction | undefined> {
    const { step, input } = this;
    const order = ORDERS.find((known) => known === this.order);
    if (this.order !== undefined && order === undefined) {
      throw new SkillosError(
        'usage',
        `Unknown command ${JSON.stringify(this.order)}: expected ${ORDERS.join(', ')}`,
      );
    }
    if ((input === undefined) === (order === 'edit')) {
      throw new SkillosError('usage', 'Expected --input with edit, and with no other command');
    }
    if ((step === undefined) === (order === 'break')) {
      throw new SkillosError('usage', 'Expected a step after break, and after no other command');
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

  /** Shows the run; the exit code is that of its status. */
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

/** True for a command that is complete when the run has accepted it. */
function isAnswered({ command }: StepInstruction): boolean {
  return command === 'edit' || command === 'break';
}

function headLines({ record, result }: RunParts): readonly string[] {
  const { id, status, reason } = record;
  const head = `${status}: ${reason === undefined ? id : `${id} (${reason})`}`;
  return [head, ...(result === undefined ? [] : ['output', printable(result)])];
}
