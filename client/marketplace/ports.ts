/** The ports of the use cases of the marketplace. */
import type { VerifySignature } from '../../core/marketplace/keyring.ts';
import type { PackageStore } from '../../core/marketplace/package-store.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
import type { ClientPorts } from '../ports.ts';

export interface MarketplacePorts extends Pick<ClientPorts, 'catalogs' | 'journal' | 'now'> {
  readonly packages: PackageStore;
  readonly verify: VerifySignature;
  readonly production: boolean;
  readonly emit: (event: EventBody, tenant: string) => void;
}
