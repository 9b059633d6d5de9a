import type { ConnectorSpec } from '../../../core/connectors/connector.ts';
import { auditFindings } from '../../../core/marketplace/audit.ts';
import type { AuditTerms } from '../../../core/marketplace/audit.ts';
import { readCatalogue } from '../../../core/marketplace/catalogue.ts';
import type { LockEntry } from '../../../core/marketplace/package-lock.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';

const ID = parseSkillId('acme/report');
const NONE = { hosts: [], connectors: [], secrets: [] };
const weather = (baseUrl: string): ConnectorSpec => ({
  type: 'http',
  id: 'weather',
  baseUrl,
  headers: {},
  timeoutMs: 1000,
  allowPrivate: false,
  followRedirects: 0,
});

interface Given extends Partial<AuditTerms> {
  readonly entry?: Partial<LockEntry>;
  /** Of the key. */
  readonly key?: { readonly not_before?: string; readonly not_after?: string };
}

/** The findings about one package as lines. */
function found({ entry = {}, key = {}, ...terms }: Given = {}): readonly string[] {
  const installed: LockEntry = {
    version: '1.0.0',
    source: 'c.json',
    key_id: FIXTURE_KEY_ID,
    explicit: true,
    dependencies: [],
    capabilities: NONE,
    sha256: '',
    files: {},
    ...entry,
  };
  const trusted = { key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] };
  const findings = auditFindings({
    lock: new Map([[ID, installed]]),
    keyring: { keys: [{ ...trusted, ...key }] },
    now: Date.parse('2026-06-01T00:00:00Z'),
    connectors: new Map(),
    missingSecret: () => undefined,
    ...terms,
  });
  return findings.map(({ code, id = '-', message }) => `${code} ${id} ${message}`);
}

const versions = (...all: readonly string[]) =>
  readCatalogue(
    'c.json',
    all.map((version) => aPackage('acme/report', { version })),
  );

test('there is nothing to say about a package that is as it should be', () => {
  const capabilities = { hosts: ['api.example'], connectors: ['weather'], secrets: ['KEY'] };
  const connectors = new Map([['weather', weather('https://api.example')]]);
  expect(found({ entry: { capabilities }, connectors, catalogue: versions('1.0.0') })).toEqual([]);
  expect(found({ entry: { key_id: 'unknown' } })).toEqual([]); // `verify` says that its key is not trusted
  expect(found({ lock: new Map(), sandboxProblem: 'no bwrap', catalogue: versions('1.0.0') })).toEqual([]);
});

test.each<[string, Given]>([
  [
    'key_not_valid acme/report the key "community-fixture" was valid until 2026-05-01T00:00:00Z, so it gets no updates',
    { key: { not_after: '2026-05-01T00:00:00Z' } },
  ],
  [
    'key_not_valid acme/report the key "community-fixture" is not valid before 2026-07-01T00:00:00Z, so it gets no updates',
    { key: { not_before: '2026-07-01T00:00:00Z' } },
  ],
  [
    'package_outdated acme/report version 1.0.0 is installed, and 1.1.0 is there',
    { catalogue: versions('1.0.0', '1.1.0') },
  ],
  [
    'package_withdrawn acme/report the catalogue no longer holds version 1.0.0, only others',
    { catalogue: versions('0.9.0') },
  ],
  [
    'package_withdrawn acme/report the catalogue from which it was installed no longer holds a valid version of it',
    { catalogue: versions() },
  ],
  [
    'package_unneeded acme/report nobody asked for it, and no other package needs it',
    { entry: { explicit: false } },
  ],
  [
    'connector_unknown acme/report there is no valid connector "weather"',
    { entry: { capabilities: { ...NONE, connectors: ['weather'] } } },
  ],
  [
    'host_not_accepted acme/report Expected the hosts of the package to list "api.example", where connector "weather" leads',
    {
      entry: { capabilities: { ...NONE, connectors: ['weather'] } },
      connectors: new Map([['weather', weather('https://api.example')]]),
    },
  ],
  [
    'secret_missing acme/report the secret "KEY" is not set here: expected SKILLOS_ACME_REPORT_KEY or KEY',
    {
      entry: { capabilities: { ...NONE, secrets: ['KEY'] } },
      missingSecret: () => ['SKILLOS_ACME_REPORT_KEY', 'KEY'],
    },
  ],
  [
    'secret_missing acme/report the secret "KEY" is not set here: expected a key that is no setting',
    { entry: { capabilities: { ...NONE, secrets: ['KEY'] } }, missingSecret: () => [] },
  ],
  ['sandbox_unavailable - packages do not run here: no bwrap', { sandboxProblem: 'no bwrap' }],
])('%s', (line, given) => {
  expect(found(given)).toEqual([line]);
});

test('a package of another catalogue, which this one does not hold, is not compared', () => {
  expect(found({ catalogue: readCatalogue('other.json', [aPackage('acme/other')]) })).toEqual([]);
});
