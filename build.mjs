/** Builds dist/: the CLI with its lazy chunks, the skill child, the author's types, and the workflow bundle. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { checkProgram, checkText } from './build-check.mjs';
import { SOURCES_FILE, stateOfSources } from './temporal-dev/sources.mjs';

const top = fileURLToPath(new URL('.', import.meta.url));
const NODE_MINIMUM = [20, 17];

/** Refuses a Node that is too old, in syntax that such a Node can parse. */
const guard = `var v=process.versions.node.split(".").map(Number);if(v[0]<${NODE_MINIMUM[0]}||(v[0]===${NODE_MINIMUM[0]}&&v[1]<${NODE_MINIMUM[1]})){process.stderr.write("Error: SkillOS needs Node ${NODE_MINIMUM.join('.')} or newer, this is "+process.versions.node+"\\n");process.exit(78)}`;

/** The program's first file. Node 22.1 and newer keep compiled code in the user's cache folder. */
const program = (main) => `#!/usr/bin/env node
import module from"node:module";
import{homedir}from"node:os";
import{join}from"node:path";
${guard}
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME||join(homedir(),".cache"),"skillos","compiled"));
module.createRequire(import.meta.url)("${main}");
`;

const common = {
  absWorkingDir: top,
  bundle: true,
  platform: 'node',
  target: 'node20.17',
  format: 'esm',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: 'linked',
  metafile: true,
  // CommonJS packages inside the bundle require Node's built-ins.
  banner: {
    js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);',
  },
};

/**
 * Temporal's protocol without the parts that a client of a namespace never uses (the worker's own protocol,
 * the cloud's), and as JSON text, which V8 reads faster than a literal: this saves a third of the largest
 * part of a command's start.
 */
const clientProtocol = {
  name: 'client-protocol',
  setup(bundler) {
    bundler.onLoad({ filter: /@temporalio[\\/]proto[\\/]protos[\\/]json-module\.js$/ }, async ({ path }) => {
      const { default: root } = await import(pathToFileURL(path).href);
      const { nested } = root.toJSON();
      delete nested.coresdk;
      delete nested.temporal.nested.api.nested.cloud;
      const text = JSON.stringify(JSON.stringify(nested));
      return {
        contents: `module.exports = new (require('protobufjs/light').Root)().addJSON(JSON.parse(${text}));`,
        resolveDir: dirname(path),
      };
    });
  },
};

/**
 * Temporal's SDK records the stack of every promise of a workflow, to answer its `__stack_trace` query: with
 * ten frames that takes a third of a workflow's time. The bundle sets the limit first, because the SDK
 * freezes `Error` afterwards.
 */
const noStacks = 'Error.stackTraceLimit=0;';

// Read first: a source that changes during the build is newer than the build.
const sources = stateOfSources();
rmSync(SOURCES_FILE, { force: true });
rmSync(`${top}dist/types`, { recursive: true, force: true });
mkdirSync(`${top}dist`, { recursive: true });
const [main] = await Promise.all([
  bundleCli(),
  bundle({
    entryPoints: ['adapters/skill-host/child.ts'],
    outfile: 'dist/skill-child.mjs',
    sourcemap: false, // the child maps the stacks of skills, and would read this one at every start
  }),
  bundle({
    entryPoints: ['adapters/skill-host/offline.ts'],
    outfile: 'dist/skill-offline.mjs',
    sourcemap: false,
  }),
  bundle({
    entryPoints: ['adapters/connectors/sql/sqlite-thread.ts'],
    outfile: 'dist/sqlite-thread.mjs',
    external: ['node-sqlite3-wasm'], // it reads its .wasm beside itself
    sourcemap: false,
  }),
  bundle({
    entryPoints: ['adapters/embeddings/local-thread.ts'],
    outfile: 'dist/embedding-thread.mjs',
    sourcemap: false,
  }),
  bundle({ entryPoints: ['core/skill-api.ts'], outfile: 'dist/skill-api.mjs', banner: {} }),
  bundle({ entryPoints: ['server/sdk.ts'], outfile: 'dist/client.mjs', banner: {} }),
  bundleWorkflows(),
]);
// Written last, so that a process started during a build runs one complete build.
writeFileSync(`${top}dist/skillos.mjs`, program(main), { mode: 0o755 });
emitTypes('core/skill-api.ts', 'dist/types');
emitTypes('server/sdk.ts', 'dist/types/client');
checkProgram();
writeFileSync(SOURCES_FILE, sources);

removeOldChunks();

/** Processes of an earlier build may still load its chunks, so chunks stay for a day. */
function removeOldChunks() {
  const yesterday = Date.now() - 86_400_000;
  for (const name of readdirSync(join(top, 'dist'))) {
    const file = join(top, 'dist', name);
    if (name.startsWith('chunk-') && statSync(file).mtimeMs < yesterday) rmSync(file);
  }
}

/** Writes one file of ES modules. */
async function bundle(options) {
  const { metafile } = await build({ ...common, ...options });
  await checkText(Object.keys(metafile.inputs), [options.outfile]);
}

/**
 * Writes the command line as chunks that load when they are needed and are named by their content. Returns the path of
 * the first. esbuild splits ES modules only, and Node loads CommonJS faster, so each chunk is converted
 * (docs/decisions/0003-built-files.md has the figures).
 */
async function bundleCli() {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: ['cli/main.ts'],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    splitting: true,
    entryNames: 'chunk-[hash]',
    chunkNames: 'chunk-[hash]',
    banner: {},
    plugins: [clientProtocol],
    external: ['@temporalio/worker', '@temporalio/activity', '@temporalio/core-bridge', 'esbuild'],
    sourcemap: 'inline',
    write: false,
  });
  await Promise.all(outputFiles.map(({ path, text }) => writeChunk(path, text)));
  await checkText(Object.keys(metafile.inputs), Object.keys(metafile.outputs));
  const [main] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'cli/main.ts');
  return `./${basename(main)}`;
}

async function writeChunk(path, text) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: common.platform,
    target: common.target,
    minify: true,
    charset: common.charset,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    banner: '"use strict";', // as for ES modules
    sourcemap: 'external',
    sourcefile: basename(path),
  });
  writeFileSync(`${path}.map`, map);
  // Renamed, because a process that runs may load the chunk at any moment.
  writeFileSync(`${path}.new`, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
  renameSync(`${path}.new`, path);
}

function emitTypes(entry, folder) {
  const options = ['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--outDir', folder];
  const language = [
    '--lib',
    'es2023,dom,dom.iterable',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  const imports = ['--rewriteRelativeImportExtensions', '--resolveJsonModule', '--strict'];
  const tsc = 'node_modules/typescript/bin/tsc';
  execFileSync(process.execPath, [tsc, ...options, ...language, ...imports, entry], {
    cwd: top,
    stdio: 'inherit',
  });
}

async function bundleWorkflows() {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const entryPoints = ['workflows/index.ts', 'workflows/payload-converter.ts'];
  const [workflowsPath, payloadConverterPath] = entryPoints.map((path) => join(top, path));
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath,
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
  writeFileSync(`${top}dist/workflows.js`, noStacks + code);
  // Temporal's bundler does not name the files that it read.
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir: 'dist',
    write: false,
    packages: 'external',
  });
  await checkText(Object.keys(metafile.inputs), ['dist/workflows.js']);
}
