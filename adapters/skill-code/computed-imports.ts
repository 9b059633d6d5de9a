/** Finds imports in the code of a package for which esbuild would search the disk. */
import { parse } from 'acorn';
import type { Expression, Program, SpreadElement } from 'acorn';
import { simple } from 'acorn-walk';

/**
 * Returns the text of the first `import()` or `require()` of a path that begins with `./` or `../` and is computed, also where
 * the code is never reached: esbuild searches all folders below such a path for files that match, past any plugin. `code` is
 * JavaScript as esbuild prints it, with constants of TypeScript in place. Throws for code that cannot be parsed.
 */
export function computedImport(code: string): string | undefined {
  let first: { readonly start: number; readonly end: number } | undefined;
  simple(parsed(code), {
    ImportExpression(node) {
      if (isComputed(node.source)) first ??= node;
    },
    CallExpression(node) {
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (isRequire && node.arguments.some(isComputed)) first ??= node;
    },
  });
  return first && code.slice(first.start, first.end);
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
