/** The code of a deployment, which is frozen already. */
import { codeName } from '../../core/deployments/content.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import { openInstalledPackages } from '../marketplace/installed-packages.ts';
import type { PresentRoot } from './present-root.ts';

interface Deployed extends Pick<PresentRoot, 'folder'> {
  readonly deployment: NonNullable<PresentRoot['deployment']>;
}

/** Verifies each package once by the settings of this host: a test key that signed it is refused in production. */
export function deployedCode({ folder, deployment }: Deployed, production: boolean): SkillCode {
  const packages = openInstalledPackages(folder, production);
  const verified = new Set<string>();
  return {
    async freeze(entry) {
      if (!verified.has(entry.id)) {
        if (packages.isPackage(entry)) packages.verify(entry);
        verified.add(entry.id);
      }
      const { code } = deployment;
      const hash = code.get(codeName(entry)) ?? code.get(entry.id); // an old run may name a variant that is gone
      if (hash !== undefined) return hash;
      throw new SkillosError(
        'code_unavailable',
        `The active deployment holds no code of skill "${codeName(entry)}"`,
      );
    },
  };
}
