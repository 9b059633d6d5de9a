/** A paused run for people: the next step, its input, and the commands. */
import type { Paused } from '../../client/runs/step-control.ts';
import type { JsonValue } from '../../core/json.ts';
import { untracedStatus } from '../../core/runs/run-document.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import { skillText } from '../../core/skills/variants.ts';

export function pausedLines({ step, skill, input }: Paused): readonly string[] {
  return [`next       step ${step} ${skill}`, 'input', indented(input)];
}

export function orderLines(runId: string): readonly string[] {
  const debug = `  skillos debug ${runId}`;
  return [
    'commands',
    `${debug} next                  run it, and pause before the next step`,
    `${debug} continue              run all steps without pauses`,
    `${debug} skip                  omit it and pass its input on`,
    `${debug} edit --input '<json>' replace its input`,
    `${debug} break <step>          pause before a later step`,
    `${debug} abort                 cancel the run`,
  ];
}

/** Returns the steps with their statuses. */
export function stepLines({ record, trace }: RunParts): readonly string[] {
  return record.steps.map(({ number, skill, variant }) => {
    const traced = trace.steps.find((step) => step.number === number);
    const status = traced?.status ?? untracedStatus(record, trace, number);
    return `  ${number} ${skillText(skill, variant)} ${status}`;
  });
}

function indented(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return text.replace(/^/gm, '  ');
}
