/** Resolves the secrets of connectors, for each use again. */
import type { ResolveSecret } from '../../core/connectors/connector.ts';
import { findSecret, secretKeyOf } from '../../core/connectors/secret-reference.ts';
import { SECRETS_FILE } from '../../core/connectors/secrets-file.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { isOpenToOthers } from '../secrets/secrets-file.ts';
import { openSecrets } from '../secrets/secrets.ts';
import type { SecretSource } from '../secrets/secrets.ts';

export function connectorSecrets(source: SecretSource): ResolveSecret {
  const lookup = openSecrets(source);
  return async (owner, text) => {
    const key = secretKeyOf(text);
    if (key === undefined) return text;
    const found = findSecret({ owner, key }, lookup);
    if (found !== undefined) return found.value;
    const isRefused = source.production && isOpenToOthers(source.root);
    const why = isRefused ? `set, and ${SECRETS_FILE} is not read because other users may read it` : 'set';
    throw new SkillosError(
      'secret_missing',
      `Connector "${owner}" needs the secret "${key}", which is not ${why}`,
    );
  };
}
