/** A local engine as users get it: commands of the built program start it for a root of its own. */
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { openPorts } from '../../adapters/open.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { connectTemporal } from '../../client/temporal/connection.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { engineFiles } from '../../temporal-dev/client/engine-record.ts';
import type { EngineFiles } from '../../temporal-dev/client/engine-record.ts';
import { rootWith } from './deployment.ts';
import type { SkillFiles } from './deployment.ts';
import { skillos } from './skillos-process.ts';
import { tempFolder } from './temp-folder.ts';

export interface BuiltEngine {
  readonly root: string;
  readonly env: Record<string, string>;
  readonly files: EngineFiles;
  /** Without the server key of the engine: as somebody who reaches the engine and not its folder. */
  readonly ports: ClientPorts;
  /** Runs a command, whatever its exit code; returns its JSON document. */
  json(...argv: readonly string[]): Promise<EngineDocument>;
  /** Connects as anybody on the machine can. */
  connect(): Promise<Temporal>;
  stop(): Promise<void>;
}

/** The fields of documents that the tests read. */
interface EngineDocument {
  readonly run_id?: string;
  readonly status?: string;
  readonly signal_code?: string;
  readonly address?: string;
  readonly ui_url?: string;
  readonly pids?: { readonly engine: number; readonly server: number; readonly worker: number };
}

const COMMAND_TIMEOUT_MS = 60_000; // the first command starts the engine

const SETTINGS = {
  SKILLOS_BUDGET_DAILY: '100000',
  SKILLOS_BUDGET_MONTHLY: '100000',
  SKILLOS_SKILL_PROCESSES: '4',
  SKILLOS_SKILL_MEMORY_MB: '256',
};

export function builtEngine(skills: Readonly<Record<string, SkillFiles>>): BuiltEngine {
  const root = realpathSync(rootWith(skills));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
  const env: Record<string, string> = {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    ...SETTINGS,
    SKILLOS_ROOT: root,
    SKILLOS_STATE_DIR: tempFolder(),
  };
  const config = parseConfig(env);
  const { ports, state } = openPorts(config, Date.now);
  const json = async (...argv: readonly string[]) => {
    const { stdout, stderr } = await skillos([...argv, '--json'], { env, timeoutMs: COMMAND_TIMEOUT_MS });
    if (stdout === '') throw new Error(`skillos ${argv.join(' ')} printed nothing: ${stderr}`);
    return JSON.parse(stdout) as EngineDocument;
  };
  return {
    root,
    env,
    files: engineFiles(config, env, root),
    ports,
    json,
    async connect() {
      const { address = '' } = await json('dev', 'status');
      return connectTemporal({ address, namespace: 'default', taskQueue: 'skillos', local: true });
    },
    async stop() {
      await skillos(['dev', 'stop'], { env, timeoutMs: COMMAND_TIMEOUT_MS });
      await state.close();
    },
  };
}

/** The IPv4 addresses on which a process of this machine listens, as `host:port`; reads /proc of Linux. */
export function listeningAddresses(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  const sockets = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local = '', , state, , , , , , inode]) =>
    state === LISTENING && sockets.has(inode) ? [addressOf(local)] : [],
  );
}

const LISTENING = '0A';

/** The kernel prints the address as one little-endian number. */
function addressOf(hexadecimal: string): string {
  const [address = '', port = ''] = hexadecimal.split(':');
  const bytes = [...Buffer.from(address, 'hex')].reverse();
  return `${bytes.join('.')}:${parseInt(port, 16)}`;
}
