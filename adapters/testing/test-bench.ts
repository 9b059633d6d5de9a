/** Runs skills for a test: in skill processes, offline, with an empty home folder. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { acceptStepInput, acceptsOf } from '../../core/skills/accept-input.ts';
import { defaultsOf } from '../../core/skills/input-defaults.ts';
import type { Carried } from '../../core/values/carried.ts';
import { joinParts } from '../../core/values/carried.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import { executePlan } from '../../core/plans/execute-plan.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { mapPlan } from '../../core/plans/plan.ts';
import type { FrozenStep, Plan } from '../../core/plans/plan.ts';
import type { SkillHost, SkillSecrets } from '../../core/runs/skill-host.ts';
import type { ConnectorCall } from '../../core/connectors/connector.ts';
import { createAnswers } from '../../core/testing/connector-exchange.ts';
import type { Search } from '../../core/testing/eval.ts';
import type { TestRunner } from '../../core/testing/test-runner.ts';
import type { CodedSkill } from '../../core/testing/skill-test.ts';
import { isRepeatable, retryPolicyOf, timeoutMsOf } from '../../core/skills/manifest.ts';
import { readCoverage } from './coverage.ts';
import { makeDir, writeAtomic } from '../files/files.ts';
import { within } from '../preparing/deadline.ts';
import { packageFile } from '../machine/package.ts';
import { readAnswers, readRecordings } from './recording-files.ts';
import { maskedJson } from '../secrets/masked.ts';
import { maskOf } from '../skill-host/masked-call.ts';
import type { LaunchOptions } from '../skill-host/launch.ts';
import type { OfflineFixture } from '../skill-host/offline-responses.ts';
import { openSkillHost } from '../skill-host/host.ts';
import { bundleFolder } from '../storage/state.ts';
import { copyRoot } from './root-copy.ts';
import { runTestFile } from './test-file.ts';

export interface BenchOptions {
  readonly root: string;
  readonly config: Pick<Config, 'skillProcesses' | 'skillMemoryMb' | 'parallelLimit' | 'sandbox'>;
  readonly environment: Environment;
  /** File for the coverage document. */
  readonly coveragePath: string;
}

/** Time for one regular expression, which may take exponential time. */
const MAX_SEARCH_MS = 2000;
/** Context of every call of a test. */
const RUN = { runId: 'test', principal: { subject: 'test', roles: [] }, attempt: 1 } as const;

/** Creates a temporary folder; `close` removes it. */
export async function openTestBench(options: BenchOptions): Promise<TestRunner> {
  const { root, config, environment, coveragePath } = options;
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'skillos-test-')));
  const place = (name: string): string => path.join(folder, name);
  for (const name of ['home', 'tmp', 'coverage']) await mkdir(place(name));
  const isConfined = config.sandbox === 'all';
  let workRoot = root;
  let fixtures = 0;
  let shared: SkillHost | undefined;

  async function launchOptions(fixture: OfflineFixture): Promise<LaunchOptions> {
    const file = place(`fixture-${++fixtures}.json`);
    await writeFile(file, JSON.stringify(fixture));
    return {
      root: workRoot,
      childPath: packageFile('dist/skill-child.mjs'),
      memoryMb: config.skillMemoryMb,
      environment: { ...environment, HOME: place('home'), TMPDIR: place('tmp') },
      ...offline(file),
      coverageDir: place('coverage'),
    };
  }

  async function openHost(fixture: OfflineFixture): Promise<SkillHost> {
    const { skillProcesses: processes, sandbox } = config;
    const storeDir = bundleFolder(root);
    return openSkillHost({ ...(await launchOptions(fixture)), storeDir, processes, sandbox });
  }

  return {
    async copyRoot() {
      await copyRoot(root, place('root'));
      workRoot = place('root');
    },
    async run(plan, payload, { calls, exchanges, at, timeoutMs }) {
      const answer = createAnswers(calls, { isMocked: at === undefined });
      const run: Run = { plan, payload, parallelLimit: config.parallelLimit, answer, timeoutMs };
      if (exchanges === undefined || at === undefined) {
        shared ??= await openHost({});
        return runOnce(shared, run);
      }
      const host = await openHost({ exchanges, at });
      try {
        return await runOnce(host, run);
      } finally {
        await host.close();
      }
    },
    runTestFile: async (skill, asks) =>
      runTestFile(await launchOptions({}), { root, skill, folder, isConfined: isConfined || asks }),
    recordings: (skill) => readRecordings(root, skill),
    answers: (skill) => readAnswers(root, skill),
    search,
    coverage: () => readCoverage(place('coverage')),
    saveCoverage: (document) => saveCoverage(coveragePath, document),
    async close() {
      await shared?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Preloads the program that takes the network away and answers from the fixture, a file. */
function offline(fixture: string): Pick<LaunchOptions, 'nodeArguments' | 'files'> {
  const program = packageFile('dist/skill-offline.mjs');
  const preload = pathToFileURL(program);
  preload.searchParams.set('fixture', pathToFileURL(fixture).href);
  return { nodeArguments: [`--import=${preload.href}`], files: [program, fixture] };
}

async function saveCoverage(file: string, document: JsonObject): Promise<string> {
  await makeDir(path.dirname(file));
  await writeAtomic(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o644 });
  return file;
}

const search: Search = (pattern, text) => {
  const searched = within(MAX_SEARCH_MS, () => new RegExp(pattern, 'u').exec(text));
  return searched === undefined ? 'too_slow' : (searched.value ?? undefined);
};

interface Run {
  readonly plan: Plan<CodedSkill>;
  readonly payload: JsonValue;
  readonly parallelLimit: number;
  readonly answer: (call: ConnectorCall) => JsonValue;
  readonly timeoutMs: number | undefined;
}

async function runOnce(host: SkillHost, run: Run): Promise<JsonValue> {
  const { plan, payload, parallelLimit, answer, timeoutMs = Infinity } = run;
  const deadline = performance.now() + timeoutMs;
  const abort = new AbortController();
  let number = 0;
  const numbered = mapPlan(plan, (coded) => ({ ...coded, number: ++number }));
  const output = await executePlan(
    numbered,
    { value: payload },
    {
      parallelLimit,
      inScope: (work) => work(() => abort.abort()),
      async runStep(coded, input) {
        const step = stepOf(coded, deadline - performance.now());
        const secrets = secretsOf(coded.entry);
        const call = { ...RUN, step, idempotencyKey: `${RUN.runId}:${step.number}`, secrets };
        const mask = maskOf(secrets);
        const hooks = {
          signal: abort.signal,
          onLog: () => undefined,
          onHeartbeat: () => undefined,
          onConnectorCall: async (asked: ConnectorCall) => answer(mask ? maskedJson(asked, mask) : asked),
        };
        const text = await host.run(
          { ...call, payload: acceptStepInput(step.accepts, valueOf(input), step.defaults) },
          hooks,
        );
        return { value: JSON.parse(text) as JsonValue };
      },
    },
  );
  return valueOf(output);
}

/** Each secret has a value of its own; recordings hold the mask instead. */
function secretsOf({ manifest }: CodedSkill['entry']): SkillSecrets {
  return Object.fromEntries(manifest.secrets.map((key) => [key, `secret-of-a-test-${key}`]));
}

/** A step without retries, so that a test sees the first failure; `maxMs` bounds its own timeout. */
function stepOf(
  { skill, hash, entry, number }: CodedSkill & { readonly number: number },
  maxMs: number,
): FrozenStep {
  const { manifest } = entry;
  const defaults = defaultsOf(manifest.inputs);
  return {
    number,
    skill,
    hash,
    name: manifest.name,
    accepts: acceptsOf(manifest.inputs),
    ...(defaults === undefined ? {} : { defaults }),
    timeoutMs: Math.max(1, Math.min(timeoutMsOf(manifest), Math.ceil(maxMs))),
    retry: retryPolicyOf(manifest, 0),
    repeatable: isRepeatable(manifest.side_effects, manifest.idempotent),
    ...(manifest.connectors.length === 0 ? {} : { connectors: manifest.connectors }),
    ...(manifest.secrets.length === 0 ? {} : { secrets: manifest.secrets }),
  };
}

/** Returns the value of a test's step, which is always inline. */
function valueOf(carried: Carried): JsonValue {
  if ('parts' in carried) return joinParts(carried.parts.map(valueOf));
  if ('value' in carried) return carried.value;
  throw new Error('Expected a value that travels inline');
}
