/** Checks the installed packages as a run would. */
import { distrustOf } from '../../core/marketplace/keyring.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { MarketplacePorts } from './ports.ts';

/** One line of the report. */
interface CheckFinding {
  readonly code: 'package_tampered' | 'signature_verification_failed';
  readonly id: SkillId;
  readonly message: string;
}

/** Rejects with `lock_invalid` or `keyring_invalid`. */
export async function verifyPackages({ packages, catalogs, verify, production }: MarketplacePorts) {
  return packages.exclusively(async () => {
    const lock = packages.lock();
    const keyring = packages.keyring();
    const findings: CheckFinding[] = packages
      .findings(lock)
      .map(({ id, message }) => ({ code: 'package_tampered', id, message }));
    const damaged = new Set(findings.map(({ id }) => id));
    for (const [id, entry] of lock) {
      if (damaged.has(id)) continue;
      const distrust = distrustOf(packages.packageOf(id, entry), { keyring, verify, production });
      if (distrust !== undefined) {
        findings.push({ code: 'signature_verification_failed', id, message: distrust.message });
      }
    }
    for (const { id, manifest, file } of (await catalogs.load()).skills.values()) {
      if (manifest.package === undefined || lock.has(id)) continue;
      const message = `"${file}" says that it is of a package, and skillos.lock holds none`;
      findings.push({ code: 'package_tampered', id, message });
    }
    return { checked: lock.size, findings };
  });
}
