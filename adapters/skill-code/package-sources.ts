/** An esbuild plugin that bundles the files of a package as they were signed, and lets esbuild see nothing of the disk. */
import { Buffer } from 'node:buffer';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { BuildFailure, Loader, OnLoadResult, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { sourcePlace } from './source-place.ts';

/** Files of a package by their paths below the root. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** What TypeScript and esbuild try for an import without an extension, in order. */
const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];
/** TypeScript imports `./a.ts` as `./a.js`. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};
const LOADERS: Readonly<Record<string, Loader>> = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
};
/** Files that esbuild does not parse as JavaScript. Others are refused: it takes a file without extension for JavaScript. */
const DATA = new Set(['.json', '.css', '.txt', '.csv', '.md', '.sql']);

interface Bundling {
  /** Receives the paths of the files that were bundled. */
  readonly inputs: Set<string>;
  /** Receives the source maps of the files that esbuild gets as they were printed, by their paths below the root. */
  readonly maps: Map<string, string>;
}

export function packageSources(root: string, contents: Contents, { inputs, maps }: Bundling): Plugin {
  return {
    name: 'skillos-package',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path: name, importer, kind }) => {
        if (isBuiltin(name)) return { path: name, external: true };
        return /^[./]/.test(name)
          ? resolveIn(contents, {
              root,
              name,
              folder: kind === 'entry-point' ? root : path.dirname(importer),
            })
          : { errors: [{ text: `Packages cannot import ${JSON.stringify(name)}` }] };
      });
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path: file }) => {
        const name = nameBelow(root, file);
        const bytes = contents.get(name);
        if (bytes === undefined) return { errors: [{ text: 'Import leads out of the package' }] };
        inputs.add(file);
        const source = withoutSourceMap(bytes);
        const extension = path.extname(name);
        const loader = LOADERS[extension];
        if (loader !== undefined) return printed(build.esbuild, { name, loader, bytes: source }, maps);
        return DATA.has(extension)
          ? { contents: source, loader: 'default' }
          : { errors: [{ text: `Packages cannot import a file with the extension "${extension}"` }] };
      });
    },
  };
}

interface Import {
  readonly root: string;
  readonly name: string;
  /** Of the file that imports. */
  readonly folder: string;
}

function resolveIn(contents: Contents, { root, name, folder }: Import): OnResolveResult {
  const wanted = nameBelow(root, path.resolve(folder, name));
  const extension = path.extname(wanted);
  const candidates = [
    wanted,
    ...(SOURCES[extension] ?? []).map((source) => wanted.slice(0, -extension.length) + source),
    ...EXTENSIONS.map((added) => wanted + added),
    ...EXTENSIONS.map((added) => `${wanted}/index${added}`),
  ];
  const found = candidates.find((candidate) => contents.has(candidate));
  return found === undefined
    ? { errors: [{ text: `The package has no file for ${JSON.stringify(name)}` }] }
    : { path: path.join(root, found) };
}

function nameBelow(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

/** esbuild would read the file that such a comment names, wherever it is. */
function withoutSourceMap(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(text.replaceAll(/([#@][ \t]*)sourceMappingURL=/gi, '$1no-source-map='), 'latin1');
}

interface Source {
  /** Path below the root. */
  readonly name: string;
  readonly loader: Loader;
  readonly bytes: Uint8Array;
}

/**
 * The file as JavaScript that esbuild has printed. That is what is searched and then bundled, so that there is one reading of
 * it: esbuild leaves out code that it knows is never reached, and joins constants. `maps` receives its source map.
 */
async function printed(
  { transform }: PluginBuild['esbuild'],
  { name, loader, bytes }: Source,
  maps: Map<string, string>,
): Promise<OnLoadResult> {
  const made = await transform(bytes, {
    loader,
    sourcefile: path.posix.basename(name),
    sourcemap: 'both',
    sourcesContent: false,
    target: 'node20',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: {},
  }).catch((failure: Partial<BuildFailure>) => {
    const [syntaxError] = failure.errors ?? [];
    if (syntaxError === undefined) throw failure;
    return syntaxError;
  });
  if ('text' in made) return { errors: [{ text: made.text, location: { ...made.location, file: name } }] };
  const { importProblem } = await import('./computed-imports.ts');
  const problem = importProblem(made.code);
  if (problem !== undefined) {
    const place = sourcePlace(made.map, problem.place) ?? problem.place;
    return { errors: [{ text: problem.text, location: { ...place, file: name } }] };
  }
  maps.set(name, made.map);
  return { contents: made.code, loader: 'js' };
}
