/**
 * `browse` over 10,000 packages in a process of its own, beside `--version`, and the verification of an installation of 50
 * packages. Usage: npm run bench -- marketplace [rounds]
 */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openCatalogue } from '../adapters/marketplace/catalogue-source.ts';
import { signerOf, verifySignature } from '../adapters/marketplace/ed25519.ts';
import { packageFile } from '../adapters/machine/package.ts';
import { browse } from '../core/marketplace/listing.ts';
import { listingOf } from '../core/marketplace/catalogue.ts';
import { demandTrust, planInstall } from '../core/marketplace/install-plan.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import { aPackage } from '../tests/support/marketplace-fixtures.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const PACKAGES = 10_000;
const INSTALLED = 50;
const KEY = 'bench';

export const marketplaceBench: Bench = {
  summary: 'browse over 10,000 packages, and verifying an installation of 50; [rounds]',
  run: async ([rounds = '7']) => {
    const folder = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const catalog = join(folder, 'catalog.json');
    const { privateKey } = generateKeyPairSync('ed25519');
    const signer = signerOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    writeFileSync(catalog, JSON.stringify(packages((text) => signer.sign(text))));
    const cli = (...argv: readonly string[]) =>
      promisify(execFile)(process.execPath, [packageFile('dist/skillos.mjs'), ...argv], {
        maxBuffer: 2 ** 26,
        env: { ...process.env, SKILLOS_CACHE_DIR: folder },
      });
    const open = () => openCatalogue(catalog, { cacheDir: () => folder });
    const catalogue = await open();
    const keyring = { keys: [{ key_id: KEY, public_key: signer.publicKey, namespaces: ['bench/*'] }] };
    const goals = [{ id: parseSkillId('bench/p0'), version: '*' }];
    const verify = async (): Promise<void> => {
      const steps = planInstall({ catalogue, lock: new Map(), installed: new Map(), goals, update: false });
      if (steps.length !== INSTALLED) throw new Error(`Expected ${INSTALLED} packages, got ${steps.length}`);
      const wanted = steps.map((step) => step.package);
      demandTrust(wanted, { keyring, verify: verifySignature, production: true, now: Date.now() });
    };
    try {
      await report('skillos --version, a process', Number(rounds), () => cli('--version'));
      const browseOnce = () => cli('marketplace', 'browse', '--catalog', catalog, '--query', 'p77');
      await report('the first browse, a process', 1, browseOnce);
      await report('browse, a process', Number(rounds), browseOnce);
      await report('browse, reading the catalogue', Number(rounds), async () =>
        browse(listingOf(await open()), { query: 'p77' }),
      );
      await report(`plan and verify ${INSTALLED} packages`, Number(rounds), verify);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

/** Each of the first ones needs the next one. */
function packages(sign: (text: string) => string) {
  return Array.from({ length: PACKAGES }, (_, index) =>
    aPackage(`bench/p${index}`, {
      keyId: KEY,
      sign,
      code: `// ${'x'.repeat(2_000)}\nexport const run = (): number => ${index};\n`,
      ...(index < INSTALLED - 1 && { needs: { [`bench/p${index + 1}`]: '^1.0.0' } }),
    }),
  );
}

async function report(name: string, rounds: number, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(work));
  process.stdout.write(
    `${name.padEnd(34)} median ${fixed(quantile(times, 0.5))} ms, best ${fixed(Math.min(...times))} ms\n`,
  );
}
