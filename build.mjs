/** Builds dist/: the CLI with its lazy chunks, the skill child, the author's types, and the workflow bundle. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';

const top = fileURLToPath(new URL('.', import.meta.url));
const NODE_MINIMUM = [20, 12];
/** For a command that hangs; it takes a second. */
const MAX_COMPILE_MS = 60_000;

/** Refuses an old Node before anything newer than its syntax is parsed. */
const guard = `var v=process.versions.node.split(".").map(Number);if(v[0]<${NODE_MINIMUM[0]}||(v[0]===${NODE_MINIMUM[0]}&&v[1]<${NODE_MINIMUM[1]})){process.stderr.write("Error: SkillOS needs Node ${NODE_MINIMUM.join('.')} or newer, this is "+process.versions.node+"\\n");process.exit(78)}`;

/** The program; where stacks shall be mapped Node loads the chunks, since it reads no maps for the loader's. */
const program = (main) => `#!/usr/bin/env node
import module from"node:module";
${guard}
const require=module.createRequire(import.meta.url);
const load=process.sourceMapsEnabled?require:require("./chunk-loader.cjs").chunkLoader(import.meta.dirname,require).load;
load("${main}");
`;

const common = {
  absWorkingDir: top,
  bundle: true,
  platform: 'node',
  target: 'node20.12',
  format: 'esm',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: 'linked',
  // CommonJS packages inside the bundle require Node's built-ins.
  banner: {
    js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);',
  },
};

/**
 * Temporal's protocol without what a client of a namespace never speaks (the worker's own protocol, the cloud's), and
 * as JSON text, which V8 reads faster than a literal: a third off the largest part of a command's start.
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
 * Temporal's SDK takes the stack of every promise that a workflow makes, to answer its `__stack_trace` query: with ten
 * frames that is a third of a workflow's time. The bundle sets it first: when it has run, the SDK freezes `Error`.
 */
const noStacks = 'Error.stackTraceLimit=0;';

rmSync(`${top}dist/types`, { recursive: true, force: true });
mkdirSync(`${top}dist`, { recursive: true });
removeCompiled();
const [main] = await Promise.all([
  bundleCli(),
  build({
    ...common,
    entryPoints: { 'chunk-loader': 'cli/chunk-loader.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    banner: {},
  }),
  build({
    ...common,
    entryPoints: ['adapters/skill-host/child.ts'],
    outfile: 'dist/skill-child.mjs',
    sourcemap: false, // the child maps the stacks of skills, and would read this one at every start
  }),
  build({
    ...common,
    entryPoints: ['adapters/skill-host/offline.ts'],
    outfile: 'dist/skill-offline.mjs',
    sourcemap: false,
  }),
  build({ ...common, entryPoints: ['core/skill-api.ts'], outfile: 'dist/skill-api.mjs', banner: {} }),
  build({ ...common, entryPoints: ['server/sdk.ts'], outfile: 'dist/client.mjs', banner: {} }),
  bundleWorkflows(),
]);
await keepCompiled(main);
// Last, so that whoever starts it meets either build whole.
writeFileSync(`${top}dist/skillos.mjs`, program(main), { mode: 0o755 });
emitTypes('core/skill-api.ts', 'dist/types');
emitTypes('server/sdk.ts', 'dist/types/client');

removeOldChunks();

/** A process that runs from an earlier build may still load chunks of it, so they stay for a day. */
function removeOldChunks() {
  const yesterday = Date.now() - 86_400_000;
  for (const name of readdirSync(join(top, 'dist'))) {
    const file = join(top, 'dist', name);
    if (name.startsWith('chunk-') && statSync(file).mtimeMs < yesterday) rmSync(file);
  }
}

/** V8 knows a source by its length, so what it compiled must go before a chunk of the same name may change. */
function removeCompiled() {
  for (const name of readdirSync(join(top, 'dist'))) {
    if (name.endsWith('.compiled')) rmSync(join(top, 'dist', name));
  }
}

/**
 * The command line, in chunks that load as they are needed and are named for their content; the name of the first.
 * esbuild splits ES modules only, but Node loads CommonJS in half the time, so each chunk is translated.
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
    metafile: true,
  });
  await Promise.all(outputFiles.map(({ path, text }) => writeChunk(path, text)));
  const [main] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'cli/main.ts');
  return `./${basename(main)}`;
}

async function writeChunk(path, text) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: common.platform,
    target: common.target,
    minify: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    banner: '"use strict";', // as ES modules are
    sourcemap: 'external',
    sourcefile: basename(path),
  });
  writeFileSync(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
  writeFileSync(`${path}.map`, map);
}

/** Runs the commands that people wait for, and keeps what V8 compiled for them. */
async function keepCompiled(main) {
  const folder = mkdtempSync(join(tmpdir(), 'skillos-build-'));
  const temporal = createServer().on('stream', refuse).listen(0, '127.0.0.1');
  try {
    await once(temporal, 'listening');
    for (const part of ['metadata', 'implementations']) {
      cpSync(join(top, 'skills', part), join(folder, part), { recursive: true });
    }
    const env = {
      SKILLOS_STATE_DIR: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.address().port}`,
    };
    const route = ['run', 'Summarize a text', '--root', folder];
    await compile(main, ['--help'], env);
    await compile(main, route, env);
    await compile(main, [...route, '--execute'], env);
  } finally {
    temporal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Answers any call with gRPC's UNIMPLEMENTED: the client of a command runs, and its run does not start. */
function refuse(stream) {
  stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
}

/** However the command ends: one that fails is slower to start, and its tests will say why. */
async function compile(main, args, env) {
  const loader = `require("./dist/chunk-loader.cjs").chunkLoader(${JSON.stringify(join(top, 'dist'))},require)`;
  const script = `const{load,keepCompiled}=${loader};process.once("exit",keepCompiled);load("${main}")`;
  const child = spawn(process.execPath, ['-e', script, '--', 'skillos', ...args], {
    cwd: top,
    env,
    stdio: 'ignore',
    timeout: MAX_COMPILE_MS,
  });
  await once(child, 'exit');
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
  const { code } = await bundleWorkflowCode({
    workflowsPath: `${top}workflows/index.ts`,
    payloadConverterPath: `${top}workflows/payload-converter.ts`,
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
  writeFileSync(`${top}dist/workflows.js`, noStacks + code);
}
