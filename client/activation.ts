/** Letting a composition run: it has passed its test as it is now, and somebody approves. */
import type { DecisionWord } from '../core/approval.ts';
import { compositionDigest, isActive } from '../core/composition.ts';
import type { Composition } from '../core/composition.ts';
import { unkept } from '../core/composition-version.ts';
import { isSameSecret } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { SkillId } from '../core/skill-id.ts';
import type { SkillContent } from '../core/skill-test.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import { findComposition } from './compositions.ts';
import type { ComposedEntry, CompositionPorts } from './compositions.ts';
import type { ClientPorts } from './ports.ts';
import { readContent } from './skill-content.ts';
import type { ContentPorts } from './skill-content.ts';
import { findReport } from './skill-tests.ts';

export type ActivationPorts = CompositionPorts & ContentPorts & Pick<ClientPorts, 'records'>;

interface Ask {
  readonly id: SkillId;
  /** What somebody decides; without it nothing happens but the checks. */
  readonly decision: DecisionWord | undefined;
  readonly token: {
    /** What every decision must present, where there is one. */
    readonly required: string | undefined;
    readonly presented: string | undefined;
  };
}

export interface Activation {
  readonly status: 'activated' | 'tests_required' | 'approval_required' | 'approval_denied';
  readonly version: string;
  /** For people, where there is more to say. */
  readonly message?: string;
}

/**
 * Activating again changes nothing. Rejects with `unknown_composition`, with `approval_proof_invalid` where the token is
 * wrong, and as `permit` and `readContent` do.
 */
export async function activateComposition(
  ports: ActivationPorts,
  actor: Actor,
  ask: Ask,
): Promise<Activation> {
  const { id, decision } = ask;
  await permit(ports, actor, { operation: 'skills:write', skill: id });
  await findComposition(ports.catalogs, id); // before a file of a lock is made
  return ports.compositions.exclusively(id, async () => {
    const entry = await findComposition(ports.catalogs, id);
    const { version } = entry.composition;
    const content = await readContent(ports, id);
    const untested = await reasonToTest(ports, content);
    if (untested !== undefined) return { status: 'tests_required', version, message: untested };
    if (decision === undefined) return { status: 'approval_required', version };
    await admitDecision(ports, actor, ask);
    if (decision === 'denied') {
      await recordAct(ports, actor, { action: 'approval_denied', skill: id, after: { version } });
      return { status: 'approval_denied', version };
    }
    if (isActive(entry.composition)) return { status: 'activated', version };
    return { status: 'activated', version: await activate(ports, actor, entry) };
  });
}

async function reasonToTest(ports: ActivationPorts, content: SkillContent): Promise<string | undefined> {
  const report = await findReport(ports, content);
  if (report?.passed === true) return undefined;
  const { id } = content.entry;
  return report === undefined
    ? `Composition "${id}" has not been tested as it and its skills are now`
    : `Composition "${id}" failed its test of ${report.at}`;
}

async function admitDecision(ports: ActivationPorts, actor: Actor, { id, token }: Ask): Promise<void> {
  await permit(ports, actor, { operation: 'approvals:decide', skill: id });
  const { required, presented } = token;
  if (required === undefined || (presented !== undefined && isSameSecret(presented, required))) return;
  const message = `Cannot decide about "${id}": the approval token is ${presented === undefined ? 'missing' : 'wrong'}`;
  throw new SkillosError('approval_proof_invalid', message);
}

/** What was edited by hand becomes a version of its own first. Returns the version that is active then. */
async function activate(ports: ActivationPorts, actor: Actor, entry: ComposedEntry): Promise<string> {
  const { composition } = entry;
  const { id, steps } = composition;
  const kept = await ports.compositions.versions(id);
  const at = new Date(ports.now()).toISOString();
  const by = actor.rights.principal.subject;
  refuseOwn(actor.rights, kept.find(({ version }) => version === composition.version)?.created_by, id);
  const hand = unkept(composition, kept);
  const version = hand?.version ?? composition.version;
  if (hand !== undefined) {
    await ports.compositions.keep({
      id,
      steps,
      version,
      created_at: at,
      created_by: by,
      origin: 'edited by hand',
    });
  }
  const activated = { digest: compositionDigest(composition), at, by };
  const active: Composition = { ...composition, version, active: true, activated };
  await ports.compositions.replace(active);
  if (version !== entry.manifest.version) await ports.editManifest(entry, { version });
  await recordAct(ports, actor, {
    action: 'composition_activated',
    skill: id,
    before: { active: false },
    after: { active: true, version, digest: activated.digest },
  });
  return version;
}

/** In production nobody approves their own work. */
function refuseOwn({ production, principal }: Rights, author: string | undefined, id: SkillId): void {
  if (!production || author !== principal.subject) return;
  const message = `Cannot activate "${id}": in production somebody else must approve what "${author}" composed`;
  throw new SkillosError('permission_denied', message);
}
