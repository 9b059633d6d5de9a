/** Variables of Temporal's own tools that name a server; `@temporalio/envconfig` reads them. */
import type { Environment } from './config.ts';

export const TEMPORAL_SERVER_VARIABLES: readonly string[] = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
];

/** True if the environment names a Temporal server; otherwise runs go to the local engine. */
export function isTemporalConfigured(env: Environment): boolean {
  return TEMPORAL_SERVER_VARIABLES.some((variable) => Boolean(env[variable]));
}
