/** The adapters of one command, opened as they are needed: what only reads loads nothing of Temporal. */
import { resolve } from 'node:path';
import { carry, uncarry } from '../adapters/carrying.ts';
import { openCatalog } from '../adapters/catalog.ts';
import { loadJsonSchemas } from '../adapters/json-schema.ts';
import { dataConverterOf } from '../adapters/payload-codec.ts';
import { openState } from '../adapters/state.ts';
import type { State } from '../adapters/state.ts';
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import { withoutPersonal } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import { signDecision, signRequest } from '../core/request-signature.ts';
import type { CliContext } from './context.ts';

export interface Runtime {
  readonly root: string;
  readonly state: State;
  readonly ports: ClientPorts;
  /** Connects to the configured server or to the local engine, which it starts where that is allowed. */
  connect(): Promise<Temporal>;
}

export function openRuntime(config: Config, context: CliContext, note: (line: string) => void): Runtime {
  const root = resolve(config.root);
  const { serverKey } = config;
  const state = openState(config);
  context.onEnd(state.close);
  return {
    root,
    state,
    ports: {
      catalogs: openCatalog(config.root),
      records: state.records,
      journal: state.journal,
      values: {
        carry: (value) => carry(value, state.blobs),
        uncarry: (carried) => uncarry(carried, state.blobs),
      },
      loadSchemas: loadJsonSchemas,
      now: context.now,
      ...(serverKey === undefined
        ? {}
        : {
            sign: (runId, request) => signRequest(serverKey, runId, request),
            signDecision: (runId, decision) => signDecision(serverKey, runId, decision),
          }),
    },
    async connect() {
      const [{ resolveTarget }, { connectTemporal }] = await Promise.all([
        import('../adapters/engine.ts'),
        import('../client/connection.ts'),
      ]);
      const target = await resolveTarget({ config, env: withoutPersonal(context.env), root, onNote: note });
      return connectTemporal(target, dataConverterOf(config.payloadKey));
    },
  };
}
