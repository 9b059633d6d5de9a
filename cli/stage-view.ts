/** The stages of a decision for people: one after another, on a terminal one at a time. */
import { createInterface } from 'node:readline/promises';
import { openPreviews } from '../adapters/preview-ports.ts';
import type { Ask } from '../client/runs.ts';
import { stagesOf } from '../client/stages.ts';
import type { Stage } from '../client/stages.ts';
import type { Config } from '../core/config.ts';
import type { JsonObject } from '../core/json.ts';
import type { CliContext } from './context.ts';
import type { Runtime } from './runtime.ts';

export interface StageView {
  readonly ask: Ask;
  /** What came before: the routing. */
  readonly first: Stage;
  readonly runtime: Runtime;
  readonly config: Config;
  readonly context: CliContext;
  readonly values: boolean;
  readonly times: boolean;
  /** Waits for Enter after each stage, where a person is there to press it. */
  readonly isStepping: boolean;
  /** Nothing is written, for --json. */
  readonly isQuiet: boolean;
}

/** Resolves to the stages as the document has them. */
export async function showStages(view: StageView): Promise<readonly JsonObject[]> {
  const { runtime, config, context, first, ask, isQuiet } = view;
  const { ports, state } = runtime;
  const previews = openPreviews(config, { catalogs: ports.catalogs, records: state.records });
  const shown: JsonObject[] = [];
  const show = async (stage: Stage) => {
    shown.push({ stage: stage.stage, ms: stage.ms, inputs: stage.inputs, outputs: stage.outputs });
    if (isQuiet) return;
    for (const line of linesOf(stage, view)) context.stderr.write(`${line}\n`);
    if (view.isStepping && context.isInteractive) await pressEnter(context);
  };
  if (!isQuiet) context.stderr.write('trace:\n');
  await show(first);
  for await (const stage of stagesOf(ports, previews, { ask, clock: () => performance.now() }))
    await show(stage);
  return shown;
}

/** As the predecessor wrote them. */
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
