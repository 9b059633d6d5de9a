/** Conditions of approval policies on the input of a step and on the caller. */
import type { JsonValue } from '../json.ts';
import type { Attribute } from '../rights/principal.ts';
import { valueAt } from '../values/json-pointer.ts';

/** One test. Several tests of a condition, and several conditions of a policy, must all be met. */
export type Test =
  | { readonly operator: 'in' | 'not_in'; readonly values: readonly string[] }
  | { readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly bound: number };

export interface Condition {
  /** A JSON pointer into the input of the step, or the name of an attribute of the caller. */
  readonly on: string;
  readonly tests: readonly Test[];
}

export interface ConditionFacts {
  /** The input of the step as the skill receives it; undefined if it is not known yet. */
  readonly input: JsonValue | undefined;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/**
 * True if all conditions are met. To be safe, a comparison is also met if there is no number to compare, and a condition
 * on an input that is not known yet is met. A list meets a test if one of its items does.
 */
export function areMet(conditions: readonly Condition[], facts: ConditionFacts): boolean {
  return conditions.every(({ on, tests }) => {
    if (!isPointerName(on)) return meetsAll(tests, facts.attributes.get(on));
    return facts.input === undefined || meetsAll(tests, valueAt(facts.input, on));
  });
}

/** A field of the input of a step that a policy has looked at. */
export interface SeenField {
  readonly skill: string;
  /** JSON pointer. */
  readonly field: string;
  /** The beginning of its JSON text if that is longer than 200 characters, `…` if it is nested too deeply; absent if there is none. */
  readonly value?: JsonValue;
}

/** The fields of the input that the conditions look at. */
export function fieldsSeen(
  conditions: readonly Condition[],
  { skill, input }: { readonly skill: string; readonly input: JsonValue },
): readonly SeenField[] {
  const pointers = conditions.map(({ on }) => on).filter(isPointerName);
  return pointers.map((field) => {
    const value = valueAt(input, field);
    return value === undefined ? { skill, field } : { skill, field, value: shortened(value) };
  });
}

const MAX_SEEN_CHARS = 200;

function shortened(value: JsonValue): JsonValue {
  const text = textOf(value);
  if (text === undefined) return '…';
  return text.length > MAX_SEEN_CHARS ? `${text.slice(0, MAX_SEEN_CHARS)}…` : value;
}

/** True for a condition on the input; all other names are attributes. */
export function isPointerName(name: string): boolean {
  return name === '' || name.startsWith('/');
}

/** Conditions as text, such as `/amount gt 1000 and role is intern`. It quotes the policy and never the input. */
export function conditionsText(conditions: readonly Condition[]): string {
  return conditions
    .flatMap(({ on, tests }) => tests.map((test) => `${on || 'input'} ${testText(test)}`))
    .join(' and ');
}

function testText(test: Test): string {
  if ('bound' in test) return `${test.operator} ${test.bound}`;
  return `${test.operator === 'in' ? 'is' : 'is not'} ${test.values.join(' or ')}`;
}

function meetsAll(tests: readonly Test[], value: JsonValue | Attribute | undefined): boolean {
  const items = value === undefined ? [] : [value].flat();
  return tests.every((test) => {
    if ('bound' in test) return value === undefined || items.some((item) => compares(test, item));
    const texts = new Set(items.map(textOf));
    const isFound = test.values.some((value) => texts.has(value));
    return test.operator === 'in' ? isFound : !isFound;
  });
}

function compares({ operator, bound }: Extract<Test, { bound: number }>, item: JsonValue): boolean {
  const number = numberIn(item);
  if (number === undefined) return true;
  switch (operator) {
    case 'gt':
      return number > bound;
    case 'gte':
      return number >= bound;
    case 'lt':
      return number < bound;
    case 'lte':
      return number <= bound;
  }
}

/** The number that a value is, or that its text spells, as in the cells of a CSV file. */
function numberIn(item: JsonValue): number | undefined {
  if (typeof item === 'number') return item;
  return typeof item === 'string' && DECIMAL.test(item) ? Number(item) : undefined;
}

const DECIMAL = /^\s*-?\d+(\.\d+)?\s*$/;

/** Undefined for a value that is nested too deeply to be written, which equals no text of a policy. */
function textOf(item: JsonValue): string | undefined {
  if (typeof item !== 'object') return String(item);
  try {
    return JSON.stringify(item);
  } catch {
    return undefined;
  }
}
