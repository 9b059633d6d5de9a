/** The ports of the use cases of deployments. */
import type { DeploymentContents } from '../../core/deployments/content.ts';
import type { ClientPorts } from '../ports.ts';

export interface DeploymentPorts extends Pick<ClientPorts, 'records' | 'journal' | 'now'> {
  readonly contents: DeploymentContents;
  /** Resolves to true if the storage holds the code with this content hash. */
  readonly holdsCode: (hash: string) => Promise<boolean>;
}
