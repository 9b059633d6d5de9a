import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { fingerprint, signerOf } from '../../../adapters/marketplace/ed25519.ts';
import { publishTo, sourcesOf } from '../../../adapters/marketplace/publishing.ts';
import { readTextFile } from '../../../adapters/files/text-file.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { keyIdSchema, parseRequirement } from '../../../core/marketplace/package.ts';
import { signPackage } from '../../../core/marketplace/publish.ts';
import { findSkill } from '../../../core/skills/find-skill.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';

const MAX_KEY_BYTES = 64 * 1024;

export class MarketplacePublishCommand extends SkillosCommand {
  static override paths = [['marketplace', 'publish']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Sign a skill and add it to a catalogue',
    details:
      'The package holds the manifest and all files that the code imports, which must be beside the skill. A version is ' +
      'published once. The key stays on this machine.',
    examples: [
      [
        'A skill',
        'skillos marketplace publish acme/report --key key.pem --key-id acme-2027 --catalog catalog.json',
      ],
      [
        'One that calls a host and needs another package',
        'skillos marketplace publish acme/report --key key.pem --key-id acme-2027 --catalog catalog.json --host api.acme.example --dependency community/hello@^1.0.0',
      ],
    ],
  });

  skill = Option.String({ name: 'id' });
  key = Option.String('--key', { required: true, description: 'File with the Ed25519 private key, in PEM' });
  keyId = Option.String('--key-id', {
    required: true,
    description: 'Id under which keyrings hold the public key',
  });
  catalog = Option.String('--catalog', {
    description: 'The file or folder to add it to (default: SKILLOS_MARKETPLACE_CATALOG)',
  });
  hosts = Option.Array('--host', [], { description: 'A host that its connectors may call; repeat for more' });
  dependencies = Option.Array('--dependency', [], {
    description: 'A package that it needs, id@range; repeat for more',
  });

  async perform() {
    const id = parseSkillId(this.skill);
    const keyId = keyIdSchema.safeParse(this.keyId);
    if (!keyId.success)
      throw new SkillosError('usage', `Invalid --key-id: expected 1 to 100 of A-Z a-z 0-9 . _ -`);
    const { root, marketplaceCatalog } = this.config;
    const entry = await findSkill(openCatalog(root), id);
    const signer = signerOf(readKey(this.key));
    const { connectors, secrets } = entry.manifest;
    const draft = {
      ...(await sourcesOf(root, entry)),
      capabilities: { hosts: this.hosts, connectors, secrets },
      dependencies: this.dependencies.map(parseRequirement),
      keyId: keyId.data,
    };
    const file = this.catalog ?? marketplaceCatalog;
    await publishTo(
      file,
      signPackage(draft, (text) => signer.sign(text)),
    );
    const { version } = entry.manifest;
    const key = { public_key: signer.publicKey, fingerprint: fingerprint(signer.publicKey) };
    this.print({
      text: `published: ${id} ${version}`,
      json: { schema: 'skillos.publication/v1', id, version, catalog: file, key_id: keyId.data, ...key },
    });
    this.note(`public key: ${key.public_key}`);
    this.note(`fingerprint: ${key.fingerprint}`);
    return EXIT.ok;
  }
}

function readKey(file: string): string {
  const text = readTextFile(file, MAX_KEY_BYTES);
  if (typeof text === 'string') return text;
  throw new SkillosError(
    'input_unreadable',
    `Key file ${JSON.stringify(file)} ${text.problem ?? 'does not exist'}`,
  );
}
