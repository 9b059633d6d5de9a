/** Finds imports in the code of a package for which esbuild would search the disk. */
import { getLineInfo, parse } from 'acorn';
import type { Expression, Node, Position, Program, SpreadElement } from 'acorn';
import { simple } from 'acorn-walk';

export interface ImportProblem {
  readonly text: string;
  /** Line from 1, column from 0. */
  readonly place: Position;
}

/** Characters of an import that a message shows. */
const MAX_SHOWN = 80;
const START: Position = { line: 1, column: 0 };

/**
 * Finds the first `import()` or `require()` of a path that begins with `./` or `../` and is computed, also where the code is
 * never reached: esbuild searches all folders below such a path for files that match, past any plugin. `code` is JavaScript as
 * esbuild prints it, with constants of TypeScript in place. Code that cannot be parsed is a problem too.
 */
export function importProblem(code: string): ImportProblem | undefined {
  try {
    const found = computedImport(parsed(code));
    if (found === undefined) return undefined;
    const shown = JSON.stringify(code.slice(found.start, Math.min(found.end, found.start + MAX_SHOWN)));
    return {
      text: `Packages cannot import a computed path: ${shown}`,
      place: getLineInfo(code, found.start),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    const { loc = START } = error as { readonly loc?: Position }; // acorn has it, and appends it to the message
    const why = error.message.replace(/ \(\d+:\d+\)$/, '');
    return { text: `Expected code that can be parsed: ${why}`, place: loc };
  }
}

function computedImport(program: Program): Node | undefined {
  let first: Node | undefined;
  simple(program, {
    ImportExpression(node) {
      if (isComputed(node.source)) first ??= node;
    },
    CallExpression(node) {
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (isRequire && node.arguments.some(isComputed)) first ??= node;
    },
  });
  return first;
}

function parsed(code: string): Program {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowReturnOutsideFunction: true });
}

/** esbuild joins constants and splits conditions, so `'.' + './a/' + x` and `x ? y : './a/' + x` count too. */
function isComputed(node: Expression | SpreadElement): boolean {
  if (node.type === 'TemplateLiteral') return node.expressions.length > 0 && mayBeginRelative(node);
  if (node.type === 'BinaryExpression') return mayBeginRelative(node);
  return alternativesOf(node).some(isComputed);
}

/** Of texts known here: esbuild searches for none that begins with a variable. */
function mayBeginRelative(node: Expression | SpreadElement): boolean {
  if (node.type === 'Literal') return /^(\.|$)/.test(String(node.value));
  if (node.type === 'BinaryExpression')
    return node.left.type !== 'PrivateIdentifier' && mayBeginRelative(node.left);
  if (node.type !== 'TemplateLiteral') return alternativesOf(node).some(mayBeginRelative);
  const begin = node.quasis[0]?.value.cooked ?? '';
  const [next] = node.expressions;
  return begin === '' ? next === undefined || mayBeginRelative(next) : begin.startsWith('.');
}

/** The expressions of which one becomes the value. */
function alternativesOf(node: Expression | SpreadElement): readonly Expression[] {
  if (node.type === 'ConditionalExpression') return [node.consequent, node.alternate];
  if (node.type === 'LogicalExpression') return [node.left, node.right];
  return node.type === 'SequenceExpression' ? node.expressions : [];
}
