/** An esbuild plugin that bundles the files of a package as they were signed, and lets esbuild see nothing of the disk. */
import { Buffer } from 'node:buffer';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { BuildFailure, Loader, OnResolveResult, PartialMessage, Plugin, PluginBuild } from 'esbuild';

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
/**
 * In minified code: an import of a text that begins with `./` or `../` and is computed. esbuild would search all folders below
 * that path for files that match, past any plugin, and a package may name the root of the file system.
 */
const COMPUTED =
  /\b(?:import|require)\((?!"(?:[^"\\]|\\.)*"[,)]|'(?:[^'\\]|\\.)*'[,)]|`[^`$\\]*`[,)])["'`]\.\.?\/.{0,40}/s;

/** `inputs` receives the paths of the files that were bundled. */
export function packageSources(root: string, contents: Contents, inputs: Set<string>): Plugin {
  return {
    name: 'skillos-package',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
        isBuiltin(name)
          ? { path: name, external: true }
          : { errors: [{ text: `Packages cannot import ${JSON.stringify(name)}` }] },
      );
      build.onResolve({ filter: /^[./]/ }, ({ path: name, importer, kind }) =>
        resolveIn(contents, { root, name, folder: kind === 'entry-point' ? root : path.dirname(importer) }),
      );
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path: file }) => {
        const name = nameBelow(root, file);
        const bytes = contents.get(name);
        if (bytes === undefined) return { errors: [{ text: 'Import leads out of the package' }] };
        inputs.add(file);
        const source = { file: name, bytes: withoutSourceMap(bytes) };
        const refusal = await computedImport(build.esbuild, source);
        return refusal ? { errors: [refusal] } : { contents: source.bytes, loader: 'default' };
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

/** Minified code has one form: constants are joined, and comments, types and escapes are gone. */
async function computedImport(
  { transform }: PluginBuild['esbuild'],
  { file, bytes }: { readonly file: string; readonly bytes: Uint8Array },
): Promise<PartialMessage | undefined> {
  const loader = LOADERS[path.extname(file)];
  if (loader === undefined) return undefined;
  try {
    const { code } = await transform(bytes, {
      loader,
      sourcefile: file,
      format: 'esm',
      target: 'node20',
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: {},
    });
    const [found] = COMPUTED.exec(code) ?? [];
    return found === undefined
      ? undefined
      : { text: `Packages cannot import a computed path: ${JSON.stringify(found)} in "${file}"` };
  } catch (error) {
    const [syntaxError] = (error as Partial<BuildFailure>).errors ?? [];
    if (syntaxError === undefined) throw error;
    return { text: syntaxError.text, location: syntaxError.location };
  }
}
