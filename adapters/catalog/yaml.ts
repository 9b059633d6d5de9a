/** Reads strict YAML with js-yaml: core schema, one small document, no tags, anchors, aliases or duplicate keys. */
import { CORE_SCHEMA, YAMLException, load } from 'js-yaml';
import type { EventType, LoadOptions, State } from 'js-yaml';

export const MAX_YAML_BYTES = 64 * 1024;
const MAX_DEPTH = 32;
const MAX_NODES = 10_000;

export type YamlRead =
  | { readonly status: 'read'; readonly value: unknown; readonly lineOf: LineOf }
  | ({ readonly status: 'refused' } & Refusal);

/** Reason for refusing a file: the rule that it breaks, and the line if known. */
export interface Refusal {
  readonly rule: string;
  readonly message: string;
  readonly line?: number;
}

/** Returns the line, from 1, of a field; of its nearest existing parent if the field is missing. */
export type LineOf = (path: readonly PropertyKey[]) => number;

interface Node {
  readonly line: number;
  readonly children: Node[];
  value: unknown;
}

/** Parses bytes. The caller passes at most `MAX_YAML_BYTES + 1` bytes, so that a larger file is refused. */
export function readYaml(bytes: Uint8Array): YamlRead {
  if (bytes.byteLength > MAX_YAML_BYTES) {
    return refused('yaml_too_large', `expected at most ${MAX_YAML_BYTES / 1024} KiB`);
  }
  const text = decode(bytes);
  if (text === undefined) return refused('yaml_not_utf8', 'expected UTF-8');
  const invisible = INVISIBLE.exec(text);
  if (invisible !== null) {
    const line = text.slice(0, invisible.index).split('\n').length;
    return { status: 'refused', rule: 'yaml_invisible_character', message: remove(invisible[0]), line };
  }
  const nodes = new NodeRecorder();
  const options: LoadOptions & { maxDepth: number } = {
    schema: CORE_SCHEMA,
    maxDepth: MAX_DEPTH,
    listener: (event, state) => nodes.record(event, state),
  };
  try {
    const value = load(text, options);
    return { status: 'read', value, lineOf: (path) => lineIn(nodes.document, path) };
  } catch (error) {
    if (error instanceof Refused) return { status: 'refused', ...error.refusal };
    if (error instanceof YAMLException) return { status: 'refused', ...refusalOf(error, text) };
    throw error;
  }
}

/** Characters without width, and marks that reorder what is shown; a text that needs one writes it as an escape. */
const INVISIBLE = /[\u200B\u2060\uFEFF\u202A-\u202E\u2066-\u2069]/;
/** Spaces that YAML does not take for spaces, and characters that are invisible in most places. */
const ODD_SPACE = /[\u00A0\u00AD\u1680\u2000-\u200A\u200E\u200F\u202F\u205F\u3000]/;

function remove(character: string): string {
  return `contains the invisible character ${codePoint(character)}; remove it, or write it as an escape in double quotes`;
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Listens to the parser: refuses all but plain data, and records the line of each node. js-yaml itself offers neither. */
class NodeRecorder {
  readonly #stream: Node = { line: 1, children: [], value: undefined };
  readonly #open: Node[] = [this.#stream];
  #count = 0;

  get document(): Node {
    return this.#stream.children[0] ?? this.#stream;
  }

  record(event: EventType, state: State): void {
    if (event === 'open') this.#enter(state);
    else this.#leave(state);
  }

  #enter(state: State): void {
    const line = state.line + 1; // the parser counts from 0
    if (++this.#count > MAX_NODES) {
      throw new Refused({
        rule: 'yaml_too_many_nodes',
        message: `expected at most ${MAX_NODES} values`,
        line,
      });
    }
    refuseProperty(state, line);
    const node: Node = { line, children: [], value: undefined };
    this.#open.at(-1)?.children.push(node);
    this.#open.push(node);
  }

  #leave(state: State): void {
    const node = this.#open.pop() as Node; // every close event follows an open event
    const value: unknown = state.result;
    node.value = value;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Refused({ rule: 'yaml_not_json', message: 'expected a finite number', line: node.line });
    }
    refuseOddKey(value, node);
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
      const line = node.children.find((child) => child.value === '__proto__')?.line ?? node.line;
      throw new Refused({ rule: 'yaml_forbidden_key', message: 'the key __proto__ is refused', line });
    }
  }
}

/** A key that looks like a field and is none, because it contains a space that is not U+0020. */
function refuseOddKey(value: unknown, { children, line }: Node): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const key = Object.keys(value).find((name) => ODD_SPACE.test(name));
  if (key === undefined) return;
  const [character = ''] = ODD_SPACE.exec(key) ?? [];
  throw new Refused({
    rule: 'yaml_invisible_character',
    message: `a key contains the character ${codePoint(character)}; replace it by a space`,
    line: children.find((child) => child.value === key)?.line ?? line,
  });
}

const PROPERTY = /(?:\s|#[^\r\n]*[\r\n])*([!&*])/y;
const PROPERTIES: Readonly<Record<string, readonly [string, string]>> = {
  '!': ['yaml_tag', 'tags are refused; put a text that begins with ! in quotes'],
  '&': ['yaml_anchor', 'anchors are refused; put a text that begins with & in quotes'],
  '*': ['yaml_alias', 'aliases are refused; put a text that begins with * in quotes'],
};

/** A node begins with `!`, `&` or `*` only if it has a tag or anchor or is an alias; plain scalars cannot. */
function refuseProperty(state: State, line: number): void {
  PROPERTY.lastIndex = state.position;
  const [before, sign] = PROPERTY.exec(state.input) ?? [];
  const [rule, message] = PROPERTIES[sign ?? ''] ?? [];
  if (before === undefined || rule === undefined || message === undefined) return;
  throw new Refused({ rule, message, line: line + before.split('\n').length - 1 });
}

const RULES: readonly (readonly [RegExp, string])[] = [
  [/^duplicated mapping key/, 'yaml_duplicate_key'],
  [/^nesting exceeded/, 'yaml_too_deep'],
  [/^expected a single document/, 'yaml_several_documents'],
];

function refusalOf(error: YAMLException, text: string): Refusal {
  const rule = RULES.find(([pattern]) => pattern.test(error.reason))?.[1] ?? 'yaml_syntax';
  const mark = error.mark as YAMLException['mark'] | undefined;
  if (mark === undefined) return { rule, message: error.reason };
  const [odd] =
    ODD_SPACE.exec(
      text
        .split('\n')
        .slice(Math.max(0, mark.line - 1), mark.line + 1)
        .join('\n'),
    ) ?? [];
  const hint = odd === undefined ? '' : `; the character ${codePoint(odd)} here is not a space`;
  return { rule, message: `${error.reason}${hint}`, line: mark.line + 1 };
}

function refused(rule: string, message: string): YamlRead {
  return { status: 'refused', rule, message };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // it fails only for bytes that are not UTF-8
  }
}

function lineIn(root: Node, path: readonly PropertyKey[]): number {
  let node = root;
  let line = unwrap(root).line;
  for (const segment of path) {
    const found = childAt(unwrap(node), segment);
    if (found === undefined) return line;
    ({ node, line } = found);
  }
  return line;
}

/** The parser opens a second node for a scalar that could be the first key of a mapping. */
function unwrap(node: Node): Node {
  const [only, second] = node.children;
  return only !== undefined && second === undefined && Object.is(only.value, node.value)
    ? unwrap(only)
    : node;
}

function childAt(node: Node, segment: PropertyKey): { node: Node; line: number } | undefined {
  const { children, value } = node;
  if (Array.isArray(value)) {
    const item = children[Number(segment)];
    return item && { node: item, line: item.line };
  }
  const wanted = (value as Record<PropertyKey, unknown> | null | undefined)?.[segment];
  const index = children.findIndex(
    (key, at) => String(key.value) === String(segment) && Object.is(children[at + 1]?.value, wanted),
  );
  const [key, item] = children.slice(index, index + 2);
  return index === -1 || key === undefined || item === undefined ? undefined : { node: item, line: key.line };
}
