import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { connectorSecrets } from '../../../adapters/connectors/secrets.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

function secretsWith({ mode = 0o600, production = true } = {}) {
  const root = tempFolder();
  writeFiles(root, { 'secrets/.env': 'KEY=shared\nSKILLOS_WEATHER_OWN=own\n' });
  chmodSync(join(root, 'secrets/.env'), mode);
  return connectorSecrets({ root, env: {}, production });
}

test.each([
  ['plain text', 'plain text'],
  ['secret:KEY', 'shared'],
  ['secret:OWN', 'own'],
])('%j is %j', async (text, value) => {
  expect(await secretsWith()('weather', text)).toBe(value);
});

test.each([
  [0o600, 'Connector "weather" needs the secret "NONE", which is not set'],
  [
    0o644,
    'Connector "weather" needs the secret "NONE", which is not set, and secrets/.env is not read because other users may read it',
  ],
])('says why a secret is missing, with mode %o', async (mode, message) => {
  const missing = secretsWith({ mode })('weather', 'secret:NONE');
  await expect(missing).rejects.toMatchObject({ code: 'secret_missing', message });
});
