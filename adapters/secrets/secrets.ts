/** Secrets by name: an environment variable, else a line of `secrets/.env` in the skills root. */
import { parseEnv } from 'node:util';
import type { SecretSources } from '../../core/connectors/secret-check.ts';
import type { Environment } from '../../core/settings/config.ts';
import { isOpenToOthers, openSecretsFile } from './secrets-file.ts';

export interface SecretSource {
  readonly root: string;
  readonly env: Environment;
  /** In production a file that others may read is not used. */
  readonly production: boolean;
}

/** The functions returned resolve an empty value to undefined; `file` reads the file whenever it has changed. */
export function openSecretSources({ root, env, production }: SecretSource): SecretSources {
  const readFile = openSecretsFile(root);
  let last: { readonly text: string; readonly values: Environment } | undefined;
  return {
    environment: (name) => env[name] || undefined,
    file(name) {
      const text = production && isOpenToOthers(root) ? {} : readFile();
      if (typeof text === 'object') return undefined;
      if (last?.text !== text) last = { text, values: parseEnv(text) };
      return last.values[name] || undefined;
    },
  };
}

/** The function returned looks first in the environment. */
export function openSecrets(source: SecretSource): (name: string) => string | undefined {
  const { environment, file } = openSecretSources(source);
  // Both are read, so that the time tells nothing about where a secret is.
  return (name) => {
    const filed = file(name);
    return environment(name) ?? filed;
  };
}
