/** Bundles one skill and its imports with esbuild, and refuses files outside the skills root. */
import { Buffer } from 'node:buffer';
import { realpath, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type {
  BuildFailure,
  Location,
  Message,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from 'esbuild';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { realpathBelow } from '../files/files.ts';
import { packageSources } from './package-sources.ts';
import type { Contents } from './package-sources.ts';
import { sourcePlace } from './source-place.ts';

export interface Bundled {
  readonly code: string;
  readonly exports: readonly string[];
  /** Real paths of all bundled files. */
  readonly inputs: readonly string[];
}

const MAX_INPUT_BYTES = 32 * 1024 * 1024;
const MAX_MESSAGES = 10;
/** For a package, whose code may be made to keep esbuild busy. */
const MAX_BUILD_MS = 30_000;
/** Bundled CommonJS packages call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
/** Runtime code of the module `skillos`: core/skill-api.ts without its types. The host recognises the classes by name. */
const SKILL_API = `
export class PermanentError extends Error {
  name = 'PermanentError';
}
export class RetryAfter extends Error {
  name = 'RetryAfter';
  constructor(seconds, message = \`Try again in \${seconds}s\`) {
    super(message);
    this.seconds = seconds;
  }
}
`;

/**
 * The code depends on the sources only, not on the path of the root; with `contents` on these alone. Rejects with
 * `code_invalid`, naming `file:line:column` below the root, or with `path_outside_root`.
 */
export async function bundle(root: string, file: string, contents?: Contents): Promise<Bundled> {
  const base = await realpath(root);
  const inputs = new Set<string>();
  const maps = new Map<string, string>();
  const { build, stop } = await import('esbuild'); // loading takes 20 ms; only changed skills need it
  try {
    const building = build({
      entryPoints: [file],
      absWorkingDir: base,
      outfile: path.join(base, 'bundle.mjs'),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      loader: { '.csv': 'text', '.md': 'text', '.sql': 'text' },
      sourcemap: 'inline',
      sourcesContent: false,
      tsconfigRaw: {}, // otherwise esbuild reads every tsconfig.json up to the root of the file system
      banner: { js: REQUIRE },
      metafile: true,
      logLevel: 'silent',
      plugins: [
        skillApi(),
        contents === undefined ? confined(base, inputs) : packageSources(base, contents, { inputs, maps }),
      ],
    });
    const result = await (contents === undefined ? building : inTime(building));
    const exports = Object.values(result.metafile.outputs)[0]?.exports ?? [];
    return { code: result.outputFiles[0]?.text ?? '', exports, inputs: [...inputs] };
  } catch (error) {
    if (isBuildFailure(error)) throw buildError(error, base, maps);
    await stop(); // esbuild has ended, or does not end; the next build starts it again
    const name = path.relative(base, path.resolve(base, file));
    throw new SkillosError(
      'code_invalid',
      `Cannot compile ${JSON.stringify(name)}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function confined(root: string, inputs: Set<string>): Plugin {
  return {
    name: 'skillos',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (args) => resolvePackage(build, root, args));
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path: file }) => {
        const refusal = await refusalOf(root, file);
        if (refusal) return { errors: [refusal] };
        inputs.add(file);
        return undefined; // esbuild reads it
      });
    },
  };
}

async function inTime<Value>(building: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes over ${MAX_BUILD_MS} ms`)), MAX_BUILD_MS);
  });
  building.catch(() => undefined); // nobody waits for it once it is late
  try {
    return await Promise.race([building, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The module that skills import as `skillos`. */
function skillApi(): Plugin {
  return {
    name: 'skillos-api',
    setup(build) {
      build.onResolve({ filter: /^skillos$/ }, () => ({ path: 'skillos', namespace: 'skillos' }));
      build.onLoad({ filter: /.*/, namespace: 'skillos' }, () => ({ contents: SKILL_API, loader: 'js' }));
    },
  };
}

async function refusalOf(root: string, file: string): Promise<Partial<Message> | undefined> {
  try {
    const real = await realpathBelow(root, file);
    const info = await stat(real);
    if (!info.isFile()) return { text: 'Expected a regular file' };
    if (info.size > MAX_INPUT_BYTES) return { text: `Expected at most ${MAX_INPUT_BYTES} bytes` };
    return undefined;
  } catch (error) {
    if (!isSkillosError(error, 'path_outside_root')) throw error;
    return { text: 'Import leads out of the skills root', detail: error };
  }
}

/** Resolves a bare import to a module of Node, or a package in a `node_modules` below the root; refuses others. */
async function resolvePackage(
  build: PluginBuild,
  root: string,
  args: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  const { path: name, importer, namespace, resolveDir, kind, pluginData } = args;
  if (pluginData === root || name.startsWith('data:')) return undefined;
  if (isBuiltin(name)) return { path: name, external: true };
  const found = await build.resolve(name, { importer, namespace, resolveDir, kind, pluginData: root });
  const folder = path.join(root, 'node_modules', packageName(name));
  if (found.errors.length > 0) {
    if (await stat(folder).catch(() => undefined)) return undefined; // esbuild says what the package lacks
    const remedy = `in the skills root: npm install ${packageName(name)}`;
    return { errors: [{ text: `Could not resolve ${JSON.stringify(name)}; install it ${remedy}` }] };
  }
  if (found.external)
    return { errors: [{ text: `Expected a package or a file, got ${JSON.stringify(name)}` }] };
  const refusal = await refusalOf(root, found.path);
  if (!refusal) return { path: found.path, sideEffects: found.sideEffects };
  const linked = await stat(folder).catch(() => undefined);
  if (linked) return { errors: [refusal] };
  return {
    errors: [{ text: `Could not resolve ${JSON.stringify(name)} in the node_modules of the skills root` }],
  };
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** `maps` are the source maps of files that esbuild has not read as they are, by their paths below the root. */
function buildError(failure: BuildFailure, root: string, maps: ReadonlyMap<string, string>): SkillosError {
  const lines = failure.errors
    .slice(0, MAX_MESSAGES)
    .map(({ text, location }) => `${placeOf(location, maps)}${text.replaceAll(`${root}${path.sep}`, '')}`);
  const more = failure.errors.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const outside = failure.errors.some(({ detail }) => isSkillosError(detail, 'path_outside_root'));
  return new SkillosError(outside ? 'path_outside_root' : 'code_invalid', lines.join('; '), {
    details: { errors: lines },
  });
}

/** Formats `file:line:column: ` for editors and terminals, both from 1. */
function placeOf(location: Location | null, maps: ReadonlyMap<string, string>): string {
  if (location === null) return '';
  const { file, line, lineText } = location;
  const before = Buffer.from(lineText).subarray(0, location.column).toString(); // esbuild counts bytes
  const column = lineText === '' ? location.column : before.length;
  const map = maps.get(file);
  const place = map === undefined ? { line, column } : sourcePlace(map, { line, column });
  return place ? `${file}:${place.line}:${place.column + 1}: ` : `${file}: `;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
