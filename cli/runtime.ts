/** Opens the ports of a command. Commands that only read load nothing of Temporal. */
import { setTimeout as delay } from 'node:timers/promises';
import { lazyCatalog } from '../adapters/catalog/lazy-catalog.ts';
import { openRoot } from '../adapters/catalog/skills-root.ts';
import type { PresentRoots } from '../adapters/deployments/present-root.ts';
import { openPorts, openPreviews } from '../adapters/open.ts';
import { guardedState } from '../adapters/storage/guarded-state.ts';
import { watchingText } from '../adapters/storage/serving.ts';
import { openState } from '../adapters/storage/state.ts';
import type { State } from '../adapters/storage/state.ts';
import { dataConverterOf } from '../adapters/temporal/payload-codec.ts';
import type { ClientPorts } from '../client/ports.ts';
import type { PreviewPorts } from '../client/submit/preview.ts';
import type { Temporal } from '../client/temporal/connection.ts';
import { usesDeployments, withoutPersonal } from '../core/settings/config.ts';
import type { Config } from '../core/settings/config.ts';
import { serverKeyOf } from '../adapters/machine/engine-key.ts';
import type { CliContext } from './context.ts';

export interface Runtime {
  /** The folder of the skills root, absolute; secrets and what this host writes are there. */
  readonly root: string;
  readonly roots: PresentRoots;
  readonly state: State;
  readonly ports: ClientPorts;
  readonly previews: () => Promise<PreviewPorts>;
  /** Connects to the configured server or to the local engine, which it may start. */
  connect(timeoutMs?: number): Promise<Temporal>;
}

/** The settings and streams of a command. */
export interface RuntimeSource {
  /** The words of the command; undefined for a server. */
  readonly path?: readonly string[];
  readonly config: Config;
  readonly context: CliContext;
  note(line: string): void;
}

const opened = new WeakMap<RuntimeSource, Runtime>();

/** Opened once for each command. Throws `root_not_found`. */
export function openRuntime(source: RuntimeSource): Runtime {
  const known = opened.get(source) ?? open(source);
  opened.set(source, known);
  return known;
}

/** For commands that work on the files of the root, also where hosts run what was deployed. Throws `root_not_found`. */
export function openCheckout(source: RuntimeSource): Runtime {
  const runtime = openRuntime(source);
  if (!usesDeployments(source.config)) return runtime;
  return { ...runtime, ports: { ...runtime.ports, catalogs: lazyCatalog(source.config.root) } };
}

/** The same, for commands that write these files; says what it takes until hosts run the change. */
export function openCheckoutToWrite(source: RuntimeSource): Runtime {
  if (usesDeployments(source.config))
    source.note('note: hosts run what was deployed; after this change: skillos deploy');
  return openCheckout(source);
}

function open(source: RuntimeSource): Runtime {
  const { config, context } = source;
  openRoot(config.root);
  const { now } = context;
  const pause = (ms: number): Promise<unknown> => {
    source.note(watchingText(ms));
    return delay(ms);
  };
  const ports = openPorts(config, now, {
    serverKey: serverKeyOf(config, context.env),
    state: guardedState(openState(config), { now, pause }),
  });
  const { root, state } = ports;
  context.onEnd(state.close);
  return {
    ...ports,
    previews: () => openPreviews(config, ports),
    async connect(timeoutMs) {
      const [{ resolveTarget }, { connectTemporal }] = await Promise.all([
        import('../temporal-dev/client/target.ts'),
        import('../client/temporal/connection.ts'),
      ]);
      const target = await resolveTarget({
        config,
        env: withoutPersonal(context.env),
        root,
        onNote: (line) => source.note(line),
      });
      return connectTemporal(target, dataConverterOf(config.payloadKey), timeoutMs);
    },
  };
}
