/** An esbuild plugin that bundles the files of a package as they were signed, and lets esbuild see nothing of the disk. */
import { Buffer } from 'node:buffer';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { BuildFailure, Loader, OnLoadResult, OnResolveResult, Plugin, PluginBuild } from 'esbuild';

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

/** Characters of an import that a message shows. */
const MAX_SHOWN = 80;

/** `inputs` receives the paths of the files that were bundled. */
export function packageSources(root: string, contents: Contents, inputs: Set<string>): Plugin {
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
        if (loader !== undefined) return printed(build.esbuild, { name, loader, bytes: source });
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
 * it: esbuild leaves out code that it knows is never reached, and joins constants.
 */
async function printed(
  { transform }: PluginBuild['esbuild'],
  { name, loader, bytes }: Source,
): Promise<OnLoadResult> {
  try {
    const { code } = await transform(bytes, {
      loader,
      sourcefile: path.posix.basename(name),
      sourcemap: 'inline',
      sourcesContent: false,
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: {},
    });
    const { computedImport } = await import('./computed-imports.ts');
    const found = computedImport(code);
    if (found === undefined) return { contents: code, loader: 'js' };
    const shown = JSON.stringify(found.slice(0, MAX_SHOWN));
    return { errors: [{ text: `Packages cannot import a computed path: ${shown} in "${name}"` }] };
  } catch (error) {
    const [syntaxError] = (error as Partial<BuildFailure>).errors ?? [];
    if (syntaxError !== undefined) {
      return { errors: [{ text: syntaxError.text, location: { ...syntaxError.location, file: name } }] };
    }
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return { errors: [{ text: `Expected code that can be parsed in "${name}": ${error.message}` }] };
  }
}
