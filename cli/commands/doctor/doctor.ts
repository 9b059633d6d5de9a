import { Command, Option } from 'clipanion';
import { embeddingChecks } from '../../../adapters/doctor/embedding-checks.ts';
import { machineChecks } from '../../../adapters/doctor/machine-checks.ts';
import { storeChecks } from '../../../adapters/doctor/store-checks.ts';
import { intlZones } from '../../../adapters/machine/zones.ts';
import { hasBundle } from '../../../adapters/skill-code/bundle-store.ts';
import { openSharedBundles } from '../../../adapters/skill-code/shared-bundles.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { diagnose } from '../../../client/doctor/diagnose.ts';
import { stateChecks } from '../../../client/doctor/state-checks.ts';
import { temporalChecks } from '../../../client/doctor/temporal-checks.ts';
import { connectTemporal } from '../../../client/temporal/connection.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { isTemporalConfigured } from '../../../core/settings/temporal-variables.ts';
import type { Diagnosis } from '../../../core/telemetry/diagnosis.ts';
import { findEngine } from '../../../temporal-dev/client/engine-control.ts';
import { engineFiles, realRoot } from '../../../temporal-dev/client/engine-record.ts';
import { SkillosCommand } from '../../command.ts';
import { openRuntime } from '../../runtime.ts';
import type { Runtime } from '../../runtime.ts';

/** Less than the time of a check, which then names the address. */
const CONNECT_TIMEOUT_MS = 1_500;

export class DoctorCommand extends SkillosCommand {
  static override paths = [['doctor']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Check machine, storage, Temporal and what waits, and say what to do',
    details:
      'Starts nothing, and changes nothing but missing tables in Postgres, which the first command of a new version ' +
      'makes. A check that does not answer within ten seconds is a finding. Exits with 1 if it finds a problem.',
    examples: [
      ['All checks', 'skillos doctor'],
      ['Only problems, for cron', 'skillos doctor --quiet'],
      ['For a monitor', 'skillos doctor --json'],
    ],
  });

  quiet = Option.Boolean('--quiet', false, { description: 'Print problems only' });

  async perform() {
    const { config } = this;
    const { env, now } = this.context;
    const runtime = openRuntime(this);
    let temporal: Promise<Temporal | undefined> | undefined;
    const connect = () => (temporal ??= this.#connect(runtime));
    const folder = bundleFolder(runtime.root);
    const { missing } = openSharedBundles(runtime.state, folder);
    const missingCode = (hashes: readonly string[]) =>
      missing(hashes.filter((hash) => !hasBundle(folder, hash)));
    const diagnoses = await diagnose([
      ...machineChecks({ config, env, roots: runtime.roots, now, nodeVersion: process.versions.node }),
      ...embeddingChecks(config, env),
      ...storeChecks(config, now),
      ...stateChecks({ ...runtime.ports, zones: intlZones, missingCode }),
      ...temporalChecks(connect),
    ]);
    const isHealthy = diagnoses.every(({ problems }) => problems.length === 0);
    this.print({
      text: diagnoses.flatMap((diagnosis) => linesOf(diagnosis, this.quiet)),
      json: { schema: 'skillos.doctor/v1', healthy: isHealthy, checks: diagnoses.map(documentOf) },
    });
    await temporal?.then((open) => open?.close()).catch(() => undefined); // after the report: it may connect still
    return isHealthy ? EXIT.ok : EXIT.failed;
  }

  /**
   * To the configured server or a running local engine; resolves to undefined if neither is there. Rejects with
   * `engine_not_running` in production, which needs a configured one.
   */
  async #connect(runtime: Runtime): Promise<Temporal | undefined> {
    const { config } = this;
    const { env } = this.context;
    if (isTemporalConfigured(env) || config.production) return runtime.connect(CONNECT_TIMEOUT_MS);
    const { status } = (await findEngine(engineFiles(config, env, await realRoot(runtime.root)))) ?? {};
    if (status?.server === undefined) return undefined;
    return connectTemporal({ ...status.server, taskQueue: config.taskQueue, local: true });
  }
}

function linesOf({ check, problems }: Diagnosis, isQuiet: boolean): readonly string[] {
  if (problems.length === 0) return isQuiet ? [] : [`✓ ${check}`];
  return problems.flatMap(({ message, remedy }) => [`✗ ${check}: ${message}`, `  ${remedy}`]);
}

function documentOf({ check, problems }: Diagnosis) {
  return {
    check,
    status: problems.length === 0 ? 'ok' : 'problem',
    problems: problems.map(({ message, remedy }) => ({ message, remedy })),
  };
}
