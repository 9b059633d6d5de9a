/** The packages of tests/fixtures/marketplace; `npx tsx tests/support/marketplace-fixtures.ts` writes and signs its catalogue. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { signerOf } from '../../adapters/marketplace/ed25519.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { signPackage } from '../../core/marketplace/publish.ts';
import { signedText } from '../../core/marketplace/signed-text.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';

export const MARKETPLACE = fileURLToPath(new URL('../fixtures/marketplace', import.meta.url));
export const CATALOGUE = path.join(MARKETPLACE, 'catalog.json');
export const FIXTURE_KEY_ID = 'community-fixture';

/** Anybody can read this key, so that production trusts no package that it signed. */
export const fixtureSigner = signerOf(readFileSync(path.join(MARKETPLACE, 'fixture-key.pem'), 'utf8'));

export interface PackageTerms {
  readonly version?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly code?: string;
  /** Id and range. */
  readonly needs?: Readonly<Record<string, string>>;
  readonly hosts?: readonly string[];
  readonly connectors?: readonly string[];
  readonly secrets?: readonly string[];
  /** Further fields of the manifest. */
  readonly manifest?: JsonObject;
  readonly keyId?: string;
  readonly sign?: (text: string) => string;
}

/** A signed package of one file. */
export function aPackage(given: string, terms: PackageTerms = {}): JsonObject {
  const id = parseSkillId(given);
  const { version = '1.0.0', tags = ['sample'], description = `The sample package ${id}` } = terms;
  const { connectors = [], secrets = [], hosts = [], needs = {}, keyId = FIXTURE_KEY_ID } = terms;
  const name = id.slice(id.indexOf('/') + 1);
  const code = terms.code ?? `export const run = (): string => '${id} ${version}';\n`;
  const entrypoint = `implementations.${id.replace('/', '.')}:run`;
  const used = { ...(connectors.length > 0 && { connectors }), ...(secrets.length > 0 && { secrets }) };
  return signPackage(
    {
      manifest: {
        id,
        name,
        description,
        version,
        entrypoint,
        tags,
        side_effects: 'none',
        ...used,
        ...terms.manifest,
      },
      files: [{ path: `implementations/${id}.ts`, bytes: new TextEncoder().encode(code) }],
      capabilities: { hosts, connectors, secrets },
      dependencies: Object.entries(needs).map(([needed, range]) => ({
        id: parseSkillId(needed),
        version: range,
      })),
      keyId,
    },
    terms.sign ?? ((text) => fixtureSigner.sign(text)),
  );
}

/** In the form with one file and no file list. */
export function anInlinePackage(id: string, code: string): JsonObject {
  const unsigned: JsonObject = {
    id,
    name: 'Farewell',
    description: 'Say goodbye to a person',
    version: '1.0.0',
    entrypoint: `implementations.${id.replace('/', '.')}:run`,
    tags: ['greeting'],
    dependencies: [],
    implementation: code,
    signature_key_id: FIXTURE_KEY_ID,
  };
  return { ...unsigned, signature: fixtureSigner.sign(signedText(unsigned) ?? '') };
}

const GREET = `/** Greets the person that the payload names. */
export function run(payload: string): string {
  const name = payload.trim() || 'world';
  return \`Hello, \${name}!\`;
}
`;

function packages(): readonly JsonValue[] {
  const hello = { tags: ['greeting'], description: 'Greet a person by name', code: GREET };
  const tampered = aPackage('community/tampered', { tags: ['broken'] });
  return [
    aPackage('community/hello', {
      ...hello,
      manifest: { name: 'Hello', examples: ['say hello to Ada', 'greet Grace'] },
    }),
    aPackage('community/hello', {
      ...hello,
      version: '1.1.0',
      code: GREET.replace("'world'", "'everybody'"),
      manifest: { name: 'Hello', examples: ['say hello to Ada', 'greet Grace'] },
    }),
    aPackage('community/welcome', {
      tags: ['greeting'],
      description: 'Welcome a new colleague with a letter',
      needs: { 'community/hello': '^1.0.0' },
      manifest: { name: 'Welcome' },
    }),
    anInlinePackage(
      'community/farewell',
      GREET.replace('Greets', 'Says goodbye to').replace('Hello', 'Goodbye'),
    ),
    aPackage('community/weather', { hosts: ['api.weather.example'], connectors: ['weather'] }),
    aPackage('community/weather', {
      version: '2.0.0',
      hosts: ['api.weather.example'],
      connectors: ['weather'],
      secrets: ['WEATHER_KEY'],
    }),
    aPackage('community/forecast', { needs: { 'community/weather': '^1.0.0' } }),
    aPackage('community/climate', { needs: { 'community/weather': '^2.0.0' } }),
    aPackage('community/almanac', { needs: { 'community/forecast': '*', 'community/climate': '*' } }),
    aPackage('community/chicken', { tags: ['broken'], needs: { 'community/egg': '*' } }),
    aPackage('community/egg', { tags: ['broken'], needs: { 'community/chicken': '*' } }),
    aPackage('community/orphan', { tags: ['broken'], needs: { 'community/lost': '^1.0.0' } }),
    aPackage('stranger/hello', { tags: ['broken'] }),
    {
      ...tampered,
      version: '1.0.1',
      manifest: { ...(tampered['manifest'] as JsonObject), version: '1.0.1' },
    },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(CATALOGUE, `${JSON.stringify(packages(), null, 2)}\n`);
}
