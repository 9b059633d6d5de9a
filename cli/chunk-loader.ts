/**
 * Loads the chunks of dist/ with what V8 compiled of them at the build. Without it a short command takes a third longer;
 * the compile cache of Node 22 keeps functions that ran too, but finds them slower.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

export interface ChunkLoader {
  /** The exports of a chunk (`./chunk-….cjs`), or of what `require` finds. */
  readonly load: (id: string) => unknown;
  /** Writes down what is compiled of the chunks by now, beside each. */
  keepCompiled(): void;
}

/** Takes what Node gives a CommonJS module. */
type Chunk = (...scope: readonly unknown[]) => void;

/** Only this Node takes what it compiled; V8 itself refuses what was compiled under other flags. */
const KEPT = `.${process.version}-${process.arch}.compiled`;

export function chunkLoader(folder: string, require: (id: string) => unknown): ChunkLoader {
  const modules = new Map<string, { readonly exports: object }>();
  const scripts = new Map<string, Script>();
  const load = (id: string): unknown => {
    if (!id.startsWith('./')) return require(id);
    const known = modules.get(id);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(id, module); // before it runs: chunks may need one another
    const file = join(folder, id);
    const script = compile(file);
    scripts.set(file, script);
    (script.runInThisContext() as Chunk)(module.exports, load, module, folder);
    return module.exports;
  };
  return {
    load,
    keepCompiled() {
      for (const [file, script] of scripts) {
        const draft = `${file}.${process.pid}.draft`;
        writeFileSync(draft, script.createCachedData());
        renameSync(draft, file + KEPT);
      }
    },
  };
}

/** A chunk is ASCII, so its bytes are its characters. */
function compile(file: string): Script {
  const source = `(function(exports,require,module,__dirname){${readFileSync(file, 'latin1')}\n})`;
  const cachedData = compiledOf(file);
  return new Script(source, { filename: file, ...(cachedData && { cachedData }) });
}

function compiledOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file + KEPT);
  } catch {
    return undefined; // the build did not load this chunk, or another Node did
  }
}
