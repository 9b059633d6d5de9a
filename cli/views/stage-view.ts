/** The stages of a decision for people; on a terminal they are shown one at a time. */
import { createInterface } from 'node:readline/promises';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { stagesOf } from '../../client/submit/stages.ts';
import type { Stage } from '../../client/submit/stages.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CliContext } from '../context.ts';
import { forTerminal } from './plain-text.ts';
import type { Runtime } from '../runtime.ts';

export interface StageView {
  readonly ask: StartRequest;
  /** Result of routing, which precedes the stages. */
  readonly first: Stage;
  readonly runtime: Runtime;
  readonly context: CliContext;
  readonly values: boolean;
  readonly times: boolean;
  /** Waits for Enter after each stage if there is a terminal. */
  readonly isStepping: boolean;
  /** Prints nothing; for `--json`. */
  readonly isQuiet: boolean;
}

/** Resolves to the stages in the form of the JSON document. */
export async function showStages(view: StageView): Promise<readonly JsonObject[]> {
  const { runtime, context, first, ask, isQuiet } = view;
  const { ports } = runtime;
  const previews = await runtime.previews();
  const shown: JsonObject[] = [];
  const show = async (stage: Stage) => {
    shown.push({ stage: stage.stage, ms: stage.ms, inputs: stage.inputs, outputs: stage.outputs });
    if (isQuiet) return;
    for (const line of linesOf(stage, view)) context.stderr.write(`${forTerminal(line)}\n`);
    if (view.isStepping && context.isInteractive) await pressEnter(context);
  };
  if (!isQuiet) context.stderr.write('trace:\n');
  await show(first);
  for await (const stage of stagesOf(ports, previews, { ask, clock: () => performance.now() }))
    await show(stage);
  return shown;
}

/** Returns the lines in the format of the predecessor. */
function linesOf({ stage, ms, inputs, outputs }: Stage, { values, times }: StageView): readonly string[] {
  return [
    `- ${stage}${times ? ` (${ms.toFixed(2)}ms)` : ''}`,
    ...(values ? [`  inputs: ${JSON.stringify(inputs)}`, `  outputs: ${JSON.stringify(outputs)}`] : []),
  ];
}

async function pressEnter(context: CliContext): Promise<void> {
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    await prompt.question('  Enter: next stage ');
  } finally {
    prompt.close();
  }
}
