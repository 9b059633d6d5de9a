/** The trace of a run for people: a tree of steps with inputs, outputs and times. */
import type { CallReport } from '../../core/connectors/connector.ts';
import { callText } from '../../core/connectors/connector-text.ts';
import { formatDuration } from '../../core/values/duration.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Planned } from '../../core/runs/trace.ts';
import { traceDocument } from '../../core/runs/trace-document.ts';
import type { Traced } from '../../core/runs/trace-document.ts';
import { prettyJson, unquoted } from '../../core/values/json-text.ts';
import { skillText } from '../../core/skills/variants.ts';
import { oneLine, plain } from './plain-text.ts';

export interface TraceParts {
  /** Shows inputs and outputs. */
  readonly values: boolean;
  readonly times: boolean;
}

/** Longer values are cut; --json contains them in full. */
const MAX_VALUE = 200;
/** A longer value is printed on lines of its own. */
const MAX_LINE = 80;
const MAX_LINES = 20;

export function traceLines(traced: Traced, parts: TraceParts): readonly string[] {
  const { record, trace } = traced;
  const document = traceDocument(traced);
  const steps = new Map(list(document['steps']).map((step) => [step['id'] as number, step]));
  const plan = trace.prepared?.plan;
  const lines = (number: number) => stepLines(steps.get(number) ?? { id: number }, parts);
  const total = parts.times ? timesOf(document) : '';
  return [
    `${record.id} ${record.status}${total}`,
    ...(plan === undefined
      ? record.steps.flatMap(({ number }) => lines(number))
      : treeLines(plan, lines, '')),
    ...section('rollback', document['rollback'], (step) => stepLines(step, parts)),
    ...section('pauses', document['pauses'], (pause) => [pauseLine(pause)]),
    ...section('decisions', document['decisions'], (decision) => [decisionLine(decision)]),
  ];
}

/** Draws groups with a frame; a sequence is a list of lines. */
function treeLines(
  plan: Planned['plan'],
  lines: (number: number) => readonly string[],
  indent: string,
): readonly string[] {
  switch (plan.kind) {
    case 'step':
      return lines(plan.step.number).map((line) => indent + line);
    case 'sequence':
      return plan.plans.flatMap((child) => treeLines(child, lines, indent));
    case 'parallel':
      return [
        `${indent}┌ at once`,
        ...plan.plans.flatMap((child) => treeLines(child, lines, `${indent}│ `)),
        `${indent}└`,
      ];
  }
}

function stepLines(step: JsonObject, { values, times }: TraceParts): readonly string[] {
  const { id, skill, variant, status, attempts, input, output, error, last_failure: last } = step;
  const total =
    times && typeof step['total_ms'] === 'number' ? ` in ${formatDuration(step['total_ms'])}` : '';
  const often = typeof attempts === 'number' && attempts > 1 ? `, ${attempts} attempts${total}` : '';
  const value = (name: string, given: JsonValue | undefined) =>
    !values || given === undefined ? [] : valueLines(name, given);
  const failure = (name: string, given: JsonValue | undefined) =>
    given === undefined ? [] : [`    ${name.padEnd(9)}${messageOf(given)}`];
  return [
    `${word(id)} ${skillText(word(skill), word(variant))} ${word(status)}${times ? timesOf(step) : ''}${often}`,
    ...value('inputs:', input),
    ...value('outputs:', output),
    ...failure('error:', error),
    ...failure('retried:', last),
    ...(typeof step['waiting'] === 'string' ? [`    ${'waiting:'.padEnd(9)}${plain(step['waiting'])}`] : []),
    ...value('progress:', step['progress']),
    ...callLines(step),
  ];
}

/** The first calls of connectors; --json contains more. */
function callLines({ calls, calls_left_out: leftOut = 0 }: JsonObject): readonly string[] {
  const all = (calls ?? []) as unknown as readonly CallReport[]; // made by `traceDocument`
  const left = all.length - MAX_LINES + (leftOut as number);
  return [
    ...all.slice(0, MAX_LINES).map((call) => `    ${'call:'.padEnd(9)}${plain(callText(call))}`),
    ...(left > 0 ? [`      … ${left} more calls`] : []),
  ];
}

/** A short value on one line, otherwise indented JSON below the name, of which the first lines are shown. */
function valueLines(name: string, given: JsonValue): readonly string[] {
  const value = unquoted(given);
  if (typeof value !== 'object' || JSON.stringify(value).length <= MAX_LINE) {
    return [`    ${name.padEnd(9)}${short(value)}`];
  }
  const lines = prettyJson(value).split('\n');
  const left = lines.length - MAX_LINES;
  return [
    `    ${name}`,
    ...lines.slice(0, MAX_LINES).map((line) => `      ${cut(plain(line))}`),
    ...(left > 0 ? [`      … ${left} more lines; --json shows all`] : []),
  ];
}

/** Returns ` (45ms, queued 3ms)`. */
function timesOf({ run_ms: run, queue_ms: queue, total_ms: total, waited_ms: waited }: JsonObject): string {
  const shown = [
    ...(typeof run === 'number' ? [formatDuration(run)] : []),
    ...(typeof run !== 'number' && typeof total === 'number' ? [formatDuration(total)] : []),
    ...(typeof queue === 'number' ? [`queued ${formatDuration(queue)}`] : []),
    ...(typeof waited === 'number' ? [`waited ${formatDuration(waited)} for people`] : []),
  ];
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`;
}

function pauseLine({ step, wait_ms: wait, ended_by: ended, edited }: JsonObject): string {
  const long = typeof wait === 'number' ? ` for ${formatDuration(wait)}` : '';
  const how = ended === undefined ? '' : `, then ${word(ended)}`;
  return `before step ${word(step)}${long}${how}${edited === undefined ? '' : `, edited to ${short(edited)}`}`;
}

function decisionLine({ decision, subject, via, at, counted, reason, comment }: JsonObject): string {
  const who = word(subject) || 'somebody';
  const why = comment === undefined ? '' : `: ${oneLine(word(comment))}`;
  return `${word(decision)} by ${who} (${word(via)}) at ${word(at)}${counted === true ? '' : `, ignored: ${word(reason)}`}${why}`;
}

function section(
  name: string,
  items: JsonValue | undefined,
  lines: (item: JsonObject) => readonly string[],
): readonly string[] {
  const found = list(items);
  return found.length === 0 ? [] : [name, ...found.flatMap(lines).map((line) => `  ${line}`)];
}

function list(items: JsonValue | undefined): readonly JsonObject[] {
  return (items ?? []) as readonly JsonObject[]; // made by `traceDocument`
}

function messageOf(failure: JsonValue): string {
  const { code, message } = failure as JsonObject;
  return `${code === undefined ? '' : `${word(code)}: `}${oneLine(word(message))}`;
}

function short(value: JsonValue): string {
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
