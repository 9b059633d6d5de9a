/** What the files of the project import, read from their syntax trees. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from '@swc/core';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** Path of the importing file below the project, with forward slashes. */
  readonly from: string;
  /** The same for a file of the project; else the specifier, such as `zod` or `node:fs`. */
  readonly to: string;
  /** Vanishes when types are stripped. */
  readonly isTypeOnly: boolean;
  /** Loaded when the code gets there, by `import()`. */
  readonly isLazy: boolean;
}

/** Paths of the TypeScript files below a folder of the project. */
export function sourceFiles(folder: string): readonly string[] {
  return readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter((file) => /\.m?ts$/.test(file) && !file.includes('node_modules/'))
    .sort();
}

export function importsOf(file: string): Promise<readonly Import[]> {
  return importsIn(file, readFileSync(path.join(PROJECT, file), 'utf8'));
}

/** As if `source` stood in `file`. */
export async function importsIn(file: string, source: string): Promise<readonly Import[]> {
  const module = await parse(source, { syntax: 'typescript', target: 'es2022' });
  const found: Import[] = [];
  visit(module.body, (specifier, how) => {
    const to = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    found.push({ from: file, to, ...how });
  });
  return found;
}

type How = Pick<Import, 'isTypeOnly' | 'isLazy'>;
type Found = (specifier: string, how: How) => void;
interface Node {
  readonly [key: string]: unknown;
}

/** Walks the whole tree: `import()` and `import('…').Type` may stand anywhere. */
function visit(node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  readImport(node as Node, found);
  for (const child of Object.values(node)) visit(child, found);
}

function readImport(node: Node, found: Found): void {
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration': {
      if (!node['source']) return; // exports a name of its own
      found(textOf(node['source']), { isTypeOnly: isTypeOnly(node), isLazy: false });
      return;
    }
    case 'TsImportType': {
      found(textOf(node['argument']), { isTypeOnly: true, isLazy: false });
      return;
    }
    case 'CallExpression': {
      if ((node['callee'] as Node)['type'] !== 'Import') return;
      const [argument] = node['arguments'] as { readonly expression: Node }[];
      // One that is computed loads no file of ours: skills are loaded by path.
      if (argument?.expression['type'] !== 'StringLiteral') return;
      found(textOf(argument.expression), { isTypeOnly: false, isLazy: true });
    }
  }
}

function isTypeOnly(node: Node): boolean {
  const names = (node['specifiers'] ?? []) as readonly Node[];
  return Boolean(node['typeOnly']) || (names.length > 0 && names.every((name) => name['isTypeOnly']));
}

function textOf(literal: unknown): string {
  return (literal as { readonly value: string }).value;
}
