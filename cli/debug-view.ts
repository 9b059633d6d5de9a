/** Where a run that is stepped through stands, for people: the next step, what goes in, and what may be said. */
import type { Paused } from '../client/steps.ts';
import type { JsonValue } from '../core/json.ts';
import { untracedStatus } from '../core/run-document.ts';
import type { RunParts } from '../core/run-document.ts';

export function pausedLines({ step, skill, input }: Paused): readonly string[] {
  return [`next       step ${step} ${skill}`, 'input', indented(input)];
}

export function orderLines(runId: string): readonly string[] {
  const debug = `  skillos debug ${runId}`;
  return [
    'commands',
    `${debug} next                  run it, and pause before the one after it`,
    `${debug} continue              run on without pauses`,
    `${debug} skip                  leave it out and hand its input on`,
    `${debug} edit --input '<json>' give it another input`,
    `${debug} break <step>          pause before a later step`,
    `${debug} abort                 cancel the run`,
  ];
}

/** The steps with how they stand. */
export function stepLines({ record, trace }: RunParts): readonly string[] {
  return record.steps.map(({ number, skill }) => {
    const traced = trace.steps.find((step) => step.number === number);
    return `  ${number} ${skill} ${traced?.status ?? untracedStatus(record, trace, number)}`;
  });
}

function indented(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return text.replace(/^/gm, '  ');
}
