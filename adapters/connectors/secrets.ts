/** Resolves the secrets of connectors, for each use again. */
import type { ResolveSecret } from '../../core/connectors/connector.ts';
import { findSecret, secretKeyOf } from '../../core/connectors/secret-reference.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { openSecrets } from '../secrets/secrets.ts';
import type { SecretSource } from '../secrets/secrets.ts';

export function connectorSecrets(source: SecretSource): ResolveSecret {
  const lookup = openSecrets(source);
  return async (owner, text) => {
    const key = secretKeyOf(text);
    if (key === undefined) return text;
    const found = findSecret({ owner, key }, lookup);
    if (found !== undefined) return found.value;
    throw new SkillosError(
      'secret_missing',
      `Connector "${owner}" needs the secret "${key}", which is not set`,
    );
  };
}
