/** Builds dist/: the CLI with its lazy chunks, the skill child, the author's types, and the workflow bundle. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const top = fileURLToPath(new URL('.', import.meta.url));
const NODE_MINIMUM = [20, 12];

/** Refuses an old Node before anything newer than its syntax is parsed. */
const guard = `var v=process.versions.node.split(".").map(Number);if(v[0]<${NODE_MINIMUM[0]}||(v[0]===${NODE_MINIMUM[0]}&&v[1]<${NODE_MINIMUM[1]})){process.stderr.write("Error: SkillOS needs Node ${NODE_MINIMUM.join('.')} or newer, this is "+process.versions.node+"\\n");process.exit(78)}`;

/** Newer Nodes keep what they compiled. */
const start = `import("node:module").then((module)=>{module.enableCompileCache?.();return import("./cli.mjs")});`;

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
 * frames that is a third of a workflow's time. Only a script may set the limit; before modules run, errors are frozen.
 */
const noStacks = 'Error.stackTraceLimit=0;';

rmSync(`${top}dist/types`, { recursive: true, force: true });
mkdirSync(`${top}dist`, { recursive: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { cli: 'cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'chunk-[hash]',
    plugins: [clientProtocol],
    external: ['@temporalio/worker', '@temporalio/activity', '@temporalio/core-bridge', 'esbuild'],
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
// An entry of its own, because static imports of a module run before its first line.
writeFileSync(`${top}dist/skillos.mjs`, `#!/usr/bin/env node\n${guard}\n${start}\n`, {
  mode: 0o755,
});
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
