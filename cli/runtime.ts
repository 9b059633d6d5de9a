/** Opens the ports of a command. Commands that only read load nothing of Temporal. */
import { openRoot } from '../adapters/catalog/skills-root.ts';
import { openPorts, openPreviews } from '../adapters/open.ts';
import type { State } from '../adapters/storage/state.ts';
import { dataConverterOf } from '../adapters/temporal/payload-codec.ts';
import type { ClientPorts } from '../client/ports.ts';
import type { PreviewPorts } from '../client/submit/preview.ts';
import type { Temporal } from '../client/temporal/connection.ts';
import { withoutPersonal } from '../core/settings/config.ts';
import type { Config } from '../core/settings/config.ts';
import { serverKeyOf } from '../adapters/machine/engine-key.ts';
import type { CliContext } from './context.ts';

export interface Runtime {
  readonly root: string;
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

/** Throws `root_not_found`. */
export function openRuntime(source: RuntimeSource): Runtime {
  const { config, context } = source;
  openRoot(config.root);
  const opened = openPorts(config, context.now, serverKeyOf(config, context.env));
  const { root, ports, state } = opened;
  context.onEnd(state.close);
  return {
    ...opened,
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
