/** Everything of a deployment, as processes: Temporal, storage, Redis, workers and the API. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../core/settings/config.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { startServerWithAttributes } from '../../temporal-dev/server.ts';
import type { ServerOptions, TemporalServer } from '../../temporal-dev/server.ts';
import { deadAddress } from '../support/dead-address.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import type { TestRedis } from '../support/redis.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET } from '../support/tokens.ts';
import { BuiltPart } from './part.ts';
import type { Part } from './part.ts';
import { writeRoot } from './root.ts';

/** In units; the skill that uses it up costs 2.5. */
export const DAILY_LIMIT = 20;

export type Storage = 'files' | 'postgres';

export interface Topology {
  /** With logs, state and effects; kept if an invariant is broken. */
  readonly folder: string;
  readonly effects: string;
  readonly address: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly servers: readonly Part[];
  readonly processes: readonly BuiltPart[];
  stop(): Promise<void>;
}

export async function startTopology(storage: Storage): Promise<Topology> {
  const folder = mkdtempSync(join(tmpdir(), 'skillos-chaos-'));
  const [root, effects] = [join(folder, 'root'), join(folder, 'effects')];
  mkdirSync(root);
  writeRoot(root, effects);
  const temporal = await TemporalPart.start(folder);
  const redis = await startRedis();
  const postgres = storage === 'postgres' ? await startPostgres() : undefined;
  const port = (await deadAddress()).split(':')[1] as string;
  const env = {
    ...settingsOf(folder, root),
    TEMPORAL_ADDRESS: temporal.address,
    SKILLOS_REDIS_URL: redis.url,
    ...(postgres === undefined
      ? {}
      : { SKILLOS_STORAGE_BACKEND: 'postgres', SKILLOS_POSTGRES_DSN: postgres.dsn }),
  };
  if (postgres !== undefined) await deploy(env);
  const argvs = {
    'worker-1': ['worker', '--queue', 'runs', '--queue', 'jobs'],
    'worker-2': ['worker', '--queue', 'runs', '--queue', 'jobs'],
    api: ['serve', '--port', port],
  };
  const processes = Object.entries(argvs).map(
    ([name, argv]) => new BuiltPart({ name, argv, env, logFile: join(folder, `${name}.log`) }),
  );
  process.once('exit', () => {
    for (const each of [...processes, temporal]) void each.kill().catch(() => undefined);
  });
  for (const each of processes) await each.start();
  return {
    folder,
    effects,
    address: temporal.address,
    url: `http://127.0.0.1:${port}`,
    env,
    servers: [temporal, redisPart(redis), ...(postgres === undefined ? [] : [postgresPart(postgres)])],
    processes,
    async stop() {
      await Promise.all(processes.map((each) => each.stop()));
      await temporal.stop();
    },
  };
}

/**
 * As `compose.yaml` sets them, with a budget that one tenant can use up, leases that end while we watch, and without the strict
 * mode of rate limits, which refuses all requests while Redis is away.
 */
function settingsOf(folder: string, root: string): Readonly<Record<string, string>> {
  const secret = () => randomBytes(32).toString('hex');
  return {
    PATH: process.env['PATH'] ?? '',
    // Skills inherit it, so that their processes are known by it.
    HOME: folder,
    TEMPORAL_NAMESPACE: 'default',
    SKILLOS_ENV: 'production',
    SKILLOS_ROOT: root,
    SKILLOS_CACHE_DIR: join(folder, 'cache'),
    SKILLOS_STATE_DIR: join(folder, 'state'),
    SKILLOS_RATE_LIMIT_REQUESTS: '1000000',
    SKILLOS_SERVER_KEY: secret(),
    SKILLOS_PAYLOAD_KEY: secret(),
    SKILLOS_JWT_SECRET: SECRET,
    SKILLOS_APPROVAL_TOKEN: secret(),
    SKILLOS_WEBHOOK_SECRET: secret(),
    SKILLOS_IDEMPOTENCY_TTL_SECONDS: '86400',
    SKILLOS_BUDGET_DAILY: String(DAILY_LIMIT),
    SKILLOS_BUDGET_MONTHLY: '1000',
    SKILLOS_BUDGET_LEASE_SECONDS: '5',
    // Skills fail here on purpose.
    SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '1000',
    SKILLOS_SKILL_PROCESSES: '3',
    SKILLOS_SKILL_MEMORY_MB: '256',
  };
}

async function deploy(env: Readonly<Record<string, string>>): Promise<void> {
  const { code, stderr } = await skillos(['deploy', '--role', 'operator'], { env });
  if (code !== 0) throw new Error(`skillos deploy ended with ${code}: ${stderr}`);
}

/** A development server whose database is a file, so that it comes back as it was. */
class TemporalPart implements Part {
  readonly name = 'temporal';
  readonly #options: ServerOptions;
  #server: TemporalServer;

  private constructor(options: ServerOptions, server: TemporalServer) {
    this.#server = server;
    this.#options = { ...options, port: server.port, uiPort: server.uiPort };
  }

  static async start(folder: string): Promise<TemporalPart> {
    const { env } = process;
    const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
    const options: ServerOptions = {
      binary: await resolveTemporalBinary({ config: parseConfig(env), env, onProgress }),
      env,
      namespace: 'default',
      logFile: join(folder, 'temporal.log'),
      dbFile: join(folder, 'temporal.db'),
      port: 0,
      uiPort: 0,
    };
    return new TemporalPart(options, await startServerWithAttributes(options));
  }

  get address(): string {
    return this.#server.address;
  }

  async kill(): Promise<void> {
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.ended;
  }

  async start(): Promise<void> {
    const { port } = this.#server;
    this.#server = await startServerWithAttributes(this.#options);
    if (this.#server.port !== port) throw new Error(`Temporal did not get its port ${port} again`);
  }

  pause(): void {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.#server.pid, 'SIGCONT');
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

function redisPart(redis: TestRedis): Part {
  return {
    name: 'redis',
    kill: () => redis.stop(),
    start: () => redis.start(),
    pause: () => redis.pause(),
    resume: () => redis.resume(),
  };
}

/** Killed by an immediate shutdown: it loses its connections and what was not committed, and recovers from its log. */
function postgresPart(postgres: TestPostgres): Part {
  return {
    name: 'postgres',
    kill: () => postgres.stop('SIGQUIT'),
    start: () => postgres.start(),
    pause: () => postgres.pause(),
    resume: () => postgres.resume(),
  };
}
