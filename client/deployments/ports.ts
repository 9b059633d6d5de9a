/** The ports of the use cases of deployments. */
import type { DeploymentContents } from '../../core/deployments/content.ts';
import type { ClientPorts } from '../ports.ts';

export interface DeploymentPorts extends Pick<ClientPorts, 'records' | 'journal' | 'now'> {
  /** Tenant of those who may see and change deployments: that of this process. */
  readonly tenant: string;
  readonly contents: DeploymentContents;
  /** Resolves to those of the content hashes of which the storage has no code. */
  readonly missingCode: (hashes: readonly string[]) => Promise<readonly string[]>;
}
